"""The right column, the right record? CSV by the names of its header."""

from tests.corpus.case import CSV_HEADER, CSV_OK, Case, Ledger, Line, Refused, one

ROW = CSV_OK + b"\n"
DAY = b"2026-04-01T00:00:00Z"
WIDE = b"ts" + b"".join(b",x%d" % index for index in range(699)) + b",status\n" + DAY


def _file(name: str, content: bytes, fate: Ledger | Refused) -> Case:
    return one(name, "a.csv", content, fate, form="csv")


def _line(name: str, line: bytes, reason: str | None = None, **stored: object) -> Line:
    return Line(f"CSV, {name}", line, reason, form="csv", stored=stored)


LINES = [
    _line("a record", CSV_OK, customer="acme", duration=1500),
    _line("a quoted value", DAY + b',,200,"1.5","a,b",', customer="a,b"),
    _line("doubled quotes", DAY + b',,200,1,"a""b",', customer='a"b'),
    _line("an empty quoted text", DAY + b',,200,1,"",', customer=""),
    _line("an empty text", DAY + b",,200,1,,", customer=None),
    _line("an empty duration", DAY + b",,200,,a,", duration=None),
    _line("an empty quoted duration", DAY + b',,200,"",a,', "type:duration"),
    _line("a quoted line feed", DAY + b',,200,1,"a\nb",', customer="a\nb"),
    _line("a quoted CRLF", DAY + b',,200,1,"a\r\nb",', customer="a\r\nb"),
    _line("a quote inside a value", DAY + b',,200,1,a"b,', "format"),
    _line("text behind a quoted value", DAY + b',,200,1,"a"b,', "format"),
    _line("a quote that never closes", DAY + b',,200,1,"a,', "format"),
    _line("too many values", CSV_OK + b",x", "format"),
    _line("an empty value too many", CSV_OK + b",", "format"),
    _line("two empty values too many", CSV_OK + b"1,,", "format"),
    _line("an empty value too many, others quoted", DAY + b',,200,1,"a"",b","2",', "format"),
    _line("an empty quoted value too many", CSV_OK + b',""', "format"),
    _line("as many commas in a quoted value", DAY + b',,200,1,",,,,,,",', customer=",,,,,,"),
    _line("too few values", DAY + b",,200", "format"),
    _line("one comma", b",", "format"),
    _line("only commas", b",,,,,", "missing:ts"),
    _line("no status", DAY + b",,,1,a,", "missing:status"),
    _line("status with spaces", DAY + b",, 200,1,a,", "type:status"),
    _line("status 2e2", DAY + b",,2e2,1,a,", "type:status"),
    _line("status 200.0", DAY + b",,200.0,1,a,", status=200),
    _line("status true", DAY + b",,true,1,a,", "type:status"),
    _line("duration NaN", DAY + b",,200,NaN,a,", "type:duration"),
    _line("duration of Excel", DAY + b',,200,"1,234",a,', "type:duration"),
    _line("negative duration", DAY + b",,200,-1,a,", "range:duration"),
    _line("no offset", b"2026-04-01T00:00:00,,200,1,a,", "type:ts"),
    _line("NULL for a text", DAY + b",,200,1,NULL,", customer="NULL"),
    _line("NULL for a duration", DAY + b",,200,NULL,a,", "type:duration"),
    _line("semicolons", DAY + b";;200;1;a;", "format"),
    _line("tabs", DAY + b"\t\t200\t1\ta\t", "format"),
    _line("a header again", CSV_HEADER[:-1], "type:ts"),
    _line("invalid UTF-8", DAY + b",,200,1,\xff,", "encoding"),
    _line("a NUL byte", DAY + b",,200,1,a\0b,", "format"),
    _line("a formula", DAY + b",,200,1,=1+1,", customer="=1+1"),
    _line("a hash at the start", b"#" + CSV_OK, "type:ts"),
    _line("a backslash before a quote", DAY + b',,200,1,"a\\"b",', "format"),
    _line("a carriage return inside", DAY + b",,200,1,a\rb,", "format"),
    Line("nothing, in CSV", b"", form="csv", blank=True),
    Line("a record longer than max_line", DAY + b",,200,1," + b"x" * 1100 + b",", "line_too_long",
         form="csv", max_line="1 KiB"),
]  # fmt: skip

FILES = [
    _file("a header in another order", b"customer,status,ts\nacme,200," + DAY + b"\n", Ledger(1)),
    _file("unknown columns", b"x,ts,y,status\n1," + DAY + b",2,200\n", Ledger(1)),
    _file("a quoted header", b'"ts","status"\n' + DAY + b",200\n", Ledger(1)),
    _file("a header with a line feed in it", b'ts,"a\nb",status\n' + DAY + b",x,200\n{\n",
          Ledger(1, {2: "format"})),
    _file("a header of another case", b"TS,status\n" + DAY + b",200\n", Refused("no column ts")),
    _file("a header with spaces", b"ts, status\n" + DAY + b",200\n",
          Refused("no column status in its header; it has: `ts`, ` status`")),
    _file("an unneeded column twice", b"x,ts,x,status\n1," + DAY + b",2,200\n", Ledger(1)),
    _file("a needed column twice", b"ts,status,status\n" + DAY + b",200,200\n",
          Refused("status twice")),
    _file("an optional column twice", b"ts,status,customer,customer\n" + DAY + b",200,a,b\n",
          Refused("customer twice")),
    _file("no ts in the header", b"time,status\n" + DAY + b",200\n", Refused("no column ts")),
    _file("no status in the header", b"ts,code\n" + DAY + b",200\n", Refused("no column status")),
    _file("no header", ROW * 2, Refused("no column")),
    _file("semicolons in the header", b"ts;status\n" + DAY + b";200\n",
          Refused("it has: `ts;status`; semicolons cut it, but values are cut at commas")),
    _file("tabs in the header", b"ts\tstatus\n" + DAY + b"\t200\n",
          Refused("it has: `ts\\tstatus`; tabs cut it, but values are cut at commas")),
    _file("a header with a line break in a name", b'"a\nb",code\n' + DAY + b",200\n",
          Refused("it has: `a\\nb`, `code`")),
    _file("a header of many long names", b",".join([b"x" * 200] * 12) + b"\n",
          Refused("it has: " + ", ".join(["`" + "x" * 79 + "…`"] * 10) + " and 2 more")),
    _file("an empty CSV file", b"", Refused("no header")),
    _file("a CSV file of one blank line", b"\n", Refused("header")),
    _file("only a header", CSV_HEADER, Ledger()),
    _file("only a header without a line feed", CSV_HEADER[:-1], Ledger()),
    _file("a mark before the header", b"\xef\xbb\xbf" + CSV_HEADER + ROW, Ledger(1)),
    _file("CRLF in CSV", (CSV_HEADER + ROW * 2).replace(b"\n", b"\r\n"), Ledger(2)),
    _file("no line feed at the end of CSV", CSV_HEADER + ROW + CSV_OK, Ledger(2)),
    _file("a blank line in CSV", CSV_HEADER + ROW + b"\n" + ROW, Ledger(2, blank=1)),
    _file("the last record cut", CSV_HEADER + ROW + DAY + b",,20", Ledger(1, {2: "format"})),
    _file("the last record cut in a quote", CSV_HEADER + ROW + DAY + b',,200,1,"ac',
          Ledger(1, {2: "format"})),
    _file("a stray quote costs its line", CSV_HEADER + ROW + DAY + b',,200,1,"a,\n' + ROW * 50,
          Ledger(51, {2: "format"})),
    # What they make is a record of CSV, with line feeds in it.
    _file("two stray quotes", CSV_HEADER + ROW + DAY + b',,200,1,"a,\n' + ROW + DAY
          + b',,200,1,b",\n' + ROW, Ledger(3)),
    _file("an empty value too many behind CRLF",
          (CSV_HEADER + ROW + CSV_OK + b",\n" + ROW).replace(b"\n", b"\r\n"),
          Ledger(2, {2: "format"})),
    _file("an empty value too many at the end of CSV", CSV_HEADER + ROW + CSV_OK + b",",
          Ledger(1, {2: "format"})),
    _file("an empty value beyond hundreds", WIDE + b",200" * 700 + b"\n" + DAY + b",200" * 700
          + b",\n", Ledger(1, {2: "format"})),
    _file("a header that is no UTF-8", b"ts,status,\xff\n" + DAY + b",200,1\n",
          Refused("no CSV")),
    _file("JSON under the name of CSV", b'{"ts":1,"status":2}\n', Refused("no CSV")),
    _file("ragged records", CSV_HEADER + ROW + DAY + b"\n" + ROW + CSV_OK + b",,,\n" + ROW,
          Ledger(3, {2: "format", 4: "format"})),
]  # fmt: skip
