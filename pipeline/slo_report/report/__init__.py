"""One report value, rendered as Markdown, HTML, JSON and charts."""
