using System;
using System.Collections.Generic;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

/// <summary>
/// Verifies webhooks of Handoff. .NET 6 or later, without packages. <c>header</c> finds a header by its name, in ASP.NET
/// Core <c>name => Request.Headers[name]</c>; <c>body</c> is the bytes as they were received, read from
/// <c>Request.Body</c>, so the route must not bind the body to a model.
/// </summary>
public static class HandoffWebhooks
{
    private const long ToleranceSeconds = 300;
    private const int MinSecretBytes = 24;

    /// <summary>
    /// Verifies the Standard Webhooks signature, over webhook-id, webhook-timestamp and body. During a rotation it has one
    /// signature for each secret of Handoff, so that the old one and the new one are both accepted.
    /// </summary>
    /// <param name="secrets">The secrets that you accept, whsec_…</param>
    public static bool IsFromHandoff(Func<string, string> header, byte[] body, IEnumerable<string> secrets)
    {
        var timestamp = header("webhook-timestamp") ?? "";
        var prefix = $"{header("webhook-id")}.{timestamp}.";
        var signatures = (header("webhook-signature") ?? "").Split(' ');
        var expected = secrets.Select(secret => "v1," + Convert.ToBase64String(Sign(secret, prefix, body)));
        return IsRecent(timestamp) && expected.Any(one => signatures.Any(signature => IsSame(one, signature)));
    }

    /// <summary>
    /// Verifies the simpler X-Transfer-Signature, over webhook-timestamp and body, made with the newest secret alone.
    /// </summary>
    public static bool HasTransferSignature(Func<string, string> header, byte[] body, IEnumerable<string> secrets)
    {
        var timestamp = header("webhook-timestamp") ?? "";
        var signature = header("x-transfer-signature") ?? "";
        var expected = secrets.Select(secret => "sha256=" + ToHex(Sign(secret, $"{timestamp}.", body)));
        return IsRecent(timestamp) && expected.Any(one => IsSame(one, signature));
    }

    /// <summary>Whether the time is at most five minutes off. An attacker could send an older webhook again.</summary>
    private static bool IsRecent(string timestamp) =>
        Regex.IsMatch(timestamp, @"\A[0-9]{1,12}\z") &&
        Math.Abs(DateTimeOffset.UtcNow.ToUnixTimeSeconds() - long.Parse(timestamp)) <= ToleranceSeconds;

    private static byte[] Sign(string secret, string prefix, byte[] body)
    {
        var encoded = secret.StartsWith("whsec_", StringComparison.Ordinal) ? secret.Substring("whsec_".Length) : secret;
        var key = Convert.FromBase64String(encoded);
        // A secret that is missing or cut off: anybody could sign with an empty key.
        if (key.Length < MinSecretBytes) throw new ArgumentException("a webhook secret encodes at least 24 bytes");
        using (var hmac = new HMACSHA256(key))
        {
            return hmac.ComputeHash(Encoding.UTF8.GetBytes(prefix).Concat(body).ToArray());
        }
    }

    private static string ToHex(byte[] bytes) => BitConverter.ToString(bytes).Replace("-", "").ToLowerInvariant();

    /// <summary>Compares two texts in a time that does not tell where they differ.</summary>
    private static bool IsSame(string expected, string given) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(expected), Encoding.UTF8.GetBytes(given));
}
