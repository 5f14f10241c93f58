"""A second, independent reading of docs/reference/audit-format.md: standard library only, SM3 written out here."""
import hashlib
import json
import re
import sys


def rotate(x, n):
    n %= 32
    return ((x << n) | (x >> (32 - n))) & 0xFFFFFFFF


def sm3(data):
    """GB/T 32905-2016."""
    v = [0x7380166F, 0x4914B2B9, 0x172442D7, 0xDA8A0600, 0xA96F30BC, 0x163138AA, 0xE38DEE4D, 0xB0FB0E4E]
    data = data + b"\x80" + b"\0" * ((55 - len(data)) % 64) + (8 * len(data)).to_bytes(8, "big")
    for offset in range(0, len(data), 64):
        w = [int.from_bytes(data[offset + 4 * i : offset + 4 * i + 4], "big") for i in range(16)]
        for j in range(16, 68):
            x = w[j - 16] ^ w[j - 9] ^ rotate(w[j - 3], 15)
            w.append(x ^ rotate(x, 15) ^ rotate(x, 23) ^ rotate(w[j - 13], 7) ^ w[j - 6])
        a, b, c, d, e, f, g, h = v
        for j in range(64):
            t = 0x79CC4519 if j < 16 else 0x7A879D8A
            ss1 = rotate((rotate(a, 12) + e + rotate(t, j)) & 0xFFFFFFFF, 7)
            ss2 = ss1 ^ rotate(a, 12)
            ff = a ^ b ^ c if j < 16 else (a & b) | (a & c) | (b & c)
            gg = e ^ f ^ g if j < 16 else (e & f) | (~e & 0xFFFFFFFF & g)
            tt1 = (ff + d + ss2 + (w[j] ^ w[j + 4])) & 0xFFFFFFFF
            tt2 = (gg + h + ss1 + w[j]) & 0xFFFFFFFF
            d, c, b, a = c, rotate(b, 9), a, tt1
            h, g, f, e = g, rotate(f, 19), e, tt2 ^ rotate(tt2, 9) ^ rotate(tt2, 17)
        v = [x ^ y for x, y in zip(v, (a, b, c, d, e, f, g, h))]
    return b"".join(x.to_bytes(4, "big") for x in v).hex()


LINE = re.compile(rb'\{"(header|entry|anchor|end)":(\{.*\}),"sha256":"([0-9a-f]{64})","sm3":"([0-9a-f]{64})"\}\n')


def verify(data):
    """The number of the first bad entry, or None."""
    sequence, head, header = 0, None, None
    anchor_head = {"sha256": "0" * 64, "sm3": "0" * 64}
    ended = False
    for number, line in enumerate(data.splitlines(keepends=True)):
        match = LINE.fullmatch(line)
        expected = sequence + (0 if line.startswith((b'{"anchor":', b'{"end":')) or number == 0 else 1)
        if ended or match is None:
            return expected
        kind, text, sha, sm = match[1].decode(), match[2], match[3].decode(), match[4].decode()
        if hashlib.sha256(text).hexdigest() != sha or sm3(text) != sm:
            return expected
        value = json.loads(text)
        canonical = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
        if canonical != text or (kind == "header") != (number == 0):
            return expected
        here = {"sha256": sha, "sm3": sm}
        if kind == "header":
            head, header = value["previous"], here
        elif kind == "entry":
            if value["sequence"] != sequence + 1 or value["previous"] != head:
                return sequence + 1
            sequence, head = sequence + 1, here
        elif kind == "anchor":
            if value["last"] > sequence:
                return sequence + 1
            if value["previous"] != anchor_head or value["head"] != head or value["last"] != sequence:
                return sequence
            anchor_head = here
        else:
            if value["last"]["sequence"] != sequence:
                return sequence + 1
            if value["last"]["sha256"] != head["sha256"] or value["header"] != header:
                return sequence
            ended = True
    return None if ended else sequence + 1


results = []
for path in sys.argv[1:]:
    with open(path, "rb") as file:
        results.append(verify(file.read()))
print(json.dumps(results))
