"""Texts: hostile ones stay as they are, others are not made out of what is no text."""

from tests.corpus.case import Line, with_

HOSTILE = (
    "<img src=x onerror=alert(1)>", "'; DROP TABLE requests; --", "a|b", "$(reboot)", "`id`",
    "=1+1", "{{ 7*7 }}", "${jndi:ldap://x}", "../../etc/passwd", "%s%n", "[x](javascript:1)",
    "\u202eevil", "NULL", "null", "None", "nan", "true", "[1]", "{x", "'", "-", "(no customer)",
    "", " acme ", "café", "cafe\u0301", "😀",
)  # fmt: skip

LINES = [
    *(
        Line(f"customer {text!a}", with_(customer=f'"{text}"'), stored={"customer": text})
        for text in HOSTILE
    ),
    Line("a quote and a backslash", with_(customer=r'"a\"b\\c"'), stored={"customer": 'a"b\\c'}),
    Line("escaped line feeds", with_(customer=r'"a\nb\r\tc"'), stored={"customer": "a\nb\r\tc"}),
    Line("an escaped NUL", with_(customer=r'"a\u0000b"'), stored={"customer": "a\0b"}),
    Line("an escaped emoji", with_(customer=r'"\ud83d\ude00"'), stored={"customer": "😀"}),
    Line("a lone high surrogate", with_(customer=r'"\ud800"'), "json"),
    Line("a lone low surrogate", with_(customer=r'"\udc00"'), "json"),
    Line("surrogates in the wrong order", with_(customer=r'"\ude00\ud83d"'), "json"),
    Line("a lone surrogate in an unmapped key", with_(x=r'"\ud800"'), "json"),
    Line("an escaped slash", with_(customer=r'"a\/b"'), stored={"customer": "a/b"}),
    Line("100 kB", lambda: with_(customer='"' + "é" * 50_000 + '"')),
    Line("a text of digits", with_(customer='"007"'), stored={"customer": "007"}),
    Line("a number for a text", with_(customer="7"), stored={"customer": "7"}),
    Line("a decimal for a text", with_(customer="1.10"), stored={"customer": "1.10"}),
    Line("an exponent for a text", with_(customer="1E3"), stored={"customer": "1E3"}),
    Line("20 digits for a text", with_(customer="12345678901234567890"),
         stored={"customer": "12345678901234567890"}),
    Line("40 decimals for a text", with_(customer="0." + "1234567890" * 4),
         stored={"customer": "0." + "1234567890" * 4}),
    Line("minus zero for a text", with_(customer="-0"), stored={"customer": "-0"}),
    Line("a text like a number with an exponent", with_(customer='"1e3"'),
         stored={"customer": "1e3"}),
    Line("true for a text", with_(customer="true"), "type:customer"),
    Line("NaN for a text", with_(customer="NaN"), "type:customer"),
    Line("an object for a text", with_(customer='{"id":1}'), "type:customer"),
    Line("an array for a text", with_(customer="[]"), "type:customer"),
    Line("null for a text", with_(customer="null"), stored={"customer": None}),
]  # fmt: skip
