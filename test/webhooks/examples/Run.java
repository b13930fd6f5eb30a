import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Scanner;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;

/** Runs docs/webhooks/HandoffWebhooks.java for the tests: one case a line, see languages.ts. */
public final class Run {
  private static final List<String> NAMES =
      List.of("webhook-id", "webhook-timestamp", "webhook-signature", "x-transfer-signature");

  public static void main(String[] arguments) {
    Scanner lines = new Scanner(System.in, StandardCharsets.UTF_8);
    while (lines.hasNextLine()) {
      String[] fields = lines.nextLine().split(",", -1);
      List<String> secrets = List.of(text(fields[0]).split(" ", -1));
      byte[] body = Base64.getDecoder().decode(fields[1]);
      Map<String, String> headers = new TreeMap<>();
      for (int index = 0; index < NAMES.size(); index++)
        if (!fields[index + 2].isEmpty()) headers.put(NAMES.get(index), text(fields[index + 2]));
      System.out.println(
          answer(() -> HandoffWebhooks.isFromHandoff(headers::get, body, secrets))
              + " "
              + answer(() -> HandoffWebhooks.hasTransferSignature(headers::get, body, secrets)));
    }
  }

  private static String text(String field) {
    return new String(Base64.getDecoder().decode(field), StandardCharsets.UTF_8);
  }

  private static String answer(BooleanSupplier verify) {
    try {
      return String.valueOf(verify.getAsBoolean());
    } catch (IllegalArgumentException error) {
      return "error";
    }
  }
}
