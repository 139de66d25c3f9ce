"""Write the files of one generated month: ``python -m tests.reference FOLDER SEED``."""

import sys
from pathlib import Path

from .generated_month import generate

if __name__ == "__main__":
    folder, seed = sys.argv[1:]
    case = generate(int(seed))
    print(case.write(Path(folder)), case.definition.month)
