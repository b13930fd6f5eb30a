import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.function.UnaryOperator;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Verifies webhooks of Handoff. Java 17 or later, without dependencies. {@code header} finds a header by its name, as
 * {@code request::getHeader} of a servlet does; {@code body} is the bytes as they were received
 * ({@code request.getInputStream().readAllBytes()}, in Spring a {@code @RequestBody byte[]}).
 */
public final class HandoffWebhooks {
  private static final long TOLERANCE_SECONDS = 300;
  private static final int MIN_SECRET_BYTES = 24;

  private HandoffWebhooks() {}

  /**
   * Verifies the Standard Webhooks signature, over webhook-id, webhook-timestamp and body. During a rotation it has one
   * signature for each secret of Handoff, so that the old one and the new one are both accepted.
   *
   * @param secrets the secrets that you accept, {@code whsec_…}
   */
  public static boolean isFromHandoff(UnaryOperator<String> header, byte[] body, List<String> secrets) {
    String timestamp = orEmpty(header.apply("webhook-timestamp"));
    String prefix = orEmpty(header.apply("webhook-id")) + "." + timestamp + ".";
    List<String> signatures = Arrays.asList(orEmpty(header.apply("webhook-signature")).split(" "));
    return isRecent(timestamp)
        && secrets.stream()
            .map(secret -> "v1," + Base64.getEncoder().encodeToString(sign(secret, prefix, body)))
            .anyMatch(expected -> signatures.stream().anyMatch(signature -> isSame(expected, signature)));
  }

  /** Verifies the simpler X-Transfer-Signature, over webhook-timestamp and body, made with the newest secret alone. */
  public static boolean hasTransferSignature(UnaryOperator<String> header, byte[] body, List<String> secrets) {
    String timestamp = orEmpty(header.apply("webhook-timestamp"));
    String signature = orEmpty(header.apply("x-transfer-signature"));
    return isRecent(timestamp)
        && secrets.stream()
            .map(secret -> "sha256=" + HexFormat.of().formatHex(sign(secret, timestamp + ".", body)))
            .anyMatch(expected -> isSame(expected, signature));
  }

  /** Whether the time is at most five minutes off. An attacker could send an older webhook again. */
  private static boolean isRecent(String timestamp) {
    return timestamp.matches("[0-9]{1,12}")
        && Math.abs(System.currentTimeMillis() / 1000 - Long.parseLong(timestamp)) <= TOLERANCE_SECONDS;
  }

  private static byte[] sign(String secret, String prefix, byte[] body) {
    byte[] key = Base64.getDecoder().decode(secret.replaceFirst("^whsec_", ""));
    // A secret that is missing or cut off: anybody could sign with an empty key.
    if (key.length < MIN_SECRET_BYTES) throw new IllegalArgumentException("a webhook secret encodes at least 24 bytes");
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      mac.update(prefix.getBytes(StandardCharsets.UTF_8));
      return mac.doFinal(body);
    } catch (GeneralSecurityException error) {
      throw new IllegalStateException(error);
    }
  }

  /** Compares two texts in a time that does not tell where they differ. */
  private static boolean isSame(String expected, String given) {
    return MessageDigest.isEqual(expected.getBytes(StandardCharsets.UTF_8), given.getBytes(StandardCharsets.UTF_8));
  }

  private static String orEmpty(String value) {
    return value == null ? "" : value;
  }
}
