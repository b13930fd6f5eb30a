"""Verifies webhooks of Handoff. Python 3.9 or later, without dependencies.

The headers of Django, Flask, FastAPI and http.server all fit: any mapping whose get() ignores case.
The body is the bytes as they were received: request.body, request.get_data(), await request.body().
"""
import base64
import hashlib
import hmac
import re
import time

TOLERANCE_SECONDS = 300
MIN_SECRET_BYTES = 24


def _is_recent(timestamp):
    """Whether the time is at most five minutes off. An attacker could send an older webhook again."""
    return re.fullmatch("[0-9]{1,12}", timestamp) is not None and abs(time.time() - int(timestamp)) <= TOLERANCE_SECONDS


def _sign(secret, prefix, body):
    key = base64.b64decode(secret.removeprefix("whsec_"))
    if len(key) < MIN_SECRET_BYTES:  # A secret that is missing or cut off: anybody could sign with an empty key.
        raise ValueError("a webhook secret encodes at least 24 bytes")
    return hmac.new(key, prefix.encode() + body, hashlib.sha256)


def is_from_handoff(headers, body: bytes, secrets) -> bool:
    """Verifies the Standard Webhooks signature, over webhook-id, webhook-timestamp and body.

    During a rotation it has one signature for each secret of Handoff, so that the old one and the new one are both
    accepted. `secrets` are those that you accept, "whsec_…".
    """
    message_id = headers.get("webhook-id", "")
    timestamp = headers.get("webhook-timestamp", "")
    signatures = headers.get("webhook-signature", "").split(" ")
    digests = [_sign(secret, f"{message_id}.{timestamp}.", body).digest() for secret in secrets]
    expected = [b"v1," + base64.b64encode(digest) for digest in digests]
    return _is_recent(timestamp) and any(hmac.compare_digest(e, s.encode()) for e in expected for s in signatures)


def has_transfer_signature(headers, body: bytes, secrets) -> bool:
    """Verifies the simpler X-Transfer-Signature, over webhook-timestamp and body, made with the newest secret alone."""
    timestamp = headers.get("webhook-timestamp", "")
    signature = headers.get("x-transfer-signature", "").encode()
    expected = ["sha256=" + _sign(secret, f"{timestamp}.", body).hexdigest() for secret in secrets]
    return _is_recent(timestamp) and any(hmac.compare_digest(e.encode(), signature) for e in expected)
