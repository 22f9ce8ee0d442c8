"""JSON-RPC 2.0 over a pair of pipes, one message a line. Standard library only; knows nothing of phones.

From the bytes upwards: `lines` (bytes -> lines), `json_text` (line -> values, strictly, and back), `messages`
(values -> requests), `connection` (who is still owed an answer). None of these does I/O, keeps time or starts
threads; `stdio` does all of that.

Everything imported here is paid for before the first answer, so only modules the interpreter has loaded anyway, or
that are written in C, are used: no typing, no re, no json package, no logging.
"""
