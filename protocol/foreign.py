"""What stands on a line instead of JSON, recognised by how it begins, so that whoever sends it learns what to change."""

from protocol.errors import RpcError, parse_error

_NO_HEADERS = "Leave headers out: each message is one line of JSON, and the end of the line ends it."
_UTF_8 = "Write UTF-8: each message is one line of JSON."

# How a line begins -> what it is, what to do. Header names count in any case.
_OPENINGS = (
    (b"content-length:", "a header, not JSON", _NO_HEADERS),
    (b"content-type:", "a header, not JSON", _NO_HEADERS),
    (b"\xef\xbb\xbf", "a byte order mark before the JSON", "Write UTF-8 without a byte order mark."),
    (b"\xff\xfe", "UTF-16, not UTF-8", _UTF_8),
    (b"\xfe\xff", "UTF-16, not UTF-8", _UTF_8),
    (b"\x1f\x8b", "compressed data, not JSON", "Write plain text: each message is one line of JSON in UTF-8."),
)
# UTF-16 without a mark has a zero byte beside each letter; after a line end it begins with the other half of that.
_WHERE_ZEROS_STAND = 4
# The request line of HTTP ends so, and nothing that is meant as JSON does.
_HTTP = (b" HTTP/1.1", b" HTTP/1.0", b" HTTP/2.0")


def refusal(line: bytes, why: str) -> RpcError:
    """The error for a line that is no JSON. why: what the parser says, for what is not recognised."""
    start = line[:32].lower()
    for opening, what, hint in _OPENINGS:
        if start.startswith(opening):
            return parse_error(what, hint)
    if line.rstrip(b"\r").endswith(_HTTP):
        return parse_error(
            "an HTTP request, not JSON", "This is no web server: write each message as one line of JSON to its standard input."
        )
    if b"\0" in line[:_WHERE_ZEROS_STAND]:
        return parse_error("zero bytes, as UTF-16 has them, not JSON in UTF-8", _UTF_8)
    return parse_error(why)
