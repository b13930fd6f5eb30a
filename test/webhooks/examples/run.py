"""Runs docs/webhooks/handoff_webhooks.py for the tests: one case a line, see languages.ts."""
import base64
import sys

from handoff_webhooks import has_transfer_signature, is_from_handoff

NAMES = ["webhook-id", "webhook-timestamp", "webhook-signature", "x-transfer-signature"]


def answer(verify, headers, body, secrets):
    try:
        return str(verify(headers, body, secrets)).lower()
    except ValueError:
        return "error"


for line in sys.stdin:
    secrets, body, *values = line.rstrip("\n").split(",")
    texts = [base64.b64decode(value).decode() for value in values]
    headers = {name: text for name, text in zip(NAMES, texts) if text}
    case = (headers, base64.b64decode(body), base64.b64decode(secrets).decode().split(" "))
    print(answer(is_from_handoff, *case), answer(has_transfer_signature, *case))
