// Package handoff verifies webhooks of Handoff. Go 1.19 or later, without modules.
package handoff

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	tolerance      = 5 * time.Minute
	minSecretBytes = 24
)

// IsFromHandoff verifies the Standard Webhooks signature, over webhook-id, webhook-timestamp and body. During a rotation
// it has one signature for each secret of Handoff, so that the old one and the new one are both accepted.
//
// The body is the bytes as they were received: io.ReadAll(request.Body). The secrets are those that you accept, "whsec_…".
func IsFromHandoff(header http.Header, body []byte, secrets []string) bool {
	timestamp := header.Get("webhook-timestamp")
	if !isRecent(timestamp) {
		return false
	}
	signatures := strings.Split(header.Get("webhook-signature"), " ")
	for _, secret := range secrets {
		expected := "v1," + base64.StdEncoding.EncodeToString(sign(secret, header.Get("webhook-id")+"."+timestamp+".", body))
		for _, signature := range signatures {
			if hmac.Equal([]byte(expected), []byte(signature)) {
				return true
			}
		}
	}
	return false
}

// HasTransferSignature verifies the simpler X-Transfer-Signature, over webhook-timestamp and body, made with the newest
// secret alone.
func HasTransferSignature(header http.Header, body []byte, secrets []string) bool {
	timestamp := header.Get("webhook-timestamp")
	if !isRecent(timestamp) {
		return false
	}
	for _, secret := range secrets {
		expected := "sha256=" + hex.EncodeToString(sign(secret, timestamp+".", body))
		if hmac.Equal([]byte(expected), []byte(header.Get("x-transfer-signature"))) {
			return true
		}
	}
	return false
}

// isRecent tells whether the time is at most five minutes off. An attacker could send an older webhook again.
func isRecent(timestamp string) bool {
	seconds, err := strconv.ParseUint(timestamp, 10, 40)
	return err == nil && time.Since(time.Unix(int64(seconds), 0)).Abs() <= tolerance
}

func sign(secret, prefix string, body []byte) []byte {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil || len(key) < minSecretBytes {
		// A secret that is missing or cut off: anybody could sign with an empty key.
		panic("a webhook secret encodes at least 24 bytes")
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(prefix))
	mac.Write(body)
	return mac.Sum(nil)
}
