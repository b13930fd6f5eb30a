// Runs docs/webhooks/handoff_webhooks.go for the tests: one case a line, see languages.ts.
package main

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"net/http"
	"os"
	"strings"

	"example.com/run/handoff"
)

var names = []string{"webhook-id", "webhook-timestamp", "webhook-signature", "x-transfer-signature"}

func decode(field string) []byte {
	bytes, err := base64.StdEncoding.DecodeString(field)
	if err != nil {
		panic(err)
	}
	return bytes
}

func answer(verify func(http.Header, []byte, []string) bool, header http.Header, body []byte, secrets []string) (text string) {
	defer func() {
		if recover() != nil {
			text = "error"
		}
	}()
	return fmt.Sprint(verify(header, body, secrets))
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		fields := strings.Split(lines.Text(), ",")
		header := http.Header{}
		for index, name := range names {
			if fields[index+2] != "" {
				header.Set(name, string(decode(fields[index+2])))
			}
		}
		secrets, body := strings.Split(string(decode(fields[0])), " "), decode(fields[1])
		fmt.Println(answer(handoff.IsFromHandoff, header, body, secrets), answer(handoff.HasTransferSignature, header, body, secrets))
	}
}
