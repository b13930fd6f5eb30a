using System;
using System.Collections.Generic;
using System.Text;

/// <summary>Runs docs/webhooks/HandoffWebhooks.cs for the tests: one case a line, see languages.ts.</summary>
public static class Run
{
    private static readonly string[] Names = { "webhook-id", "webhook-timestamp", "webhook-signature", "x-transfer-signature" };

    public static void Main()
    {
        for (var line = Console.ReadLine(); line != null; line = Console.ReadLine())
        {
            var fields = line.Split(',');
            var secrets = Text(fields[0]).Split(' ');
            var body = Convert.FromBase64String(fields[1]);
            var headers = new Dictionary<string, string>();
            for (var index = 0; index < Names.Length; index++)
                if (fields[index + 2] != "") headers[Names[index]] = Text(fields[index + 2]);
            Func<string, string> header = name => headers.TryGetValue(name, out var value) ? value : null;
            Console.WriteLine(
                Answer(() => HandoffWebhooks.IsFromHandoff(header, body, secrets)) + " " +
                Answer(() => HandoffWebhooks.HasTransferSignature(header, body, secrets)));
        }
    }

    private static string Text(string field) => Encoding.UTF8.GetString(Convert.FromBase64String(field));

    private static string Answer(Func<bool> verify)
    {
        try
        {
            return verify() ? "true" : "false";
        }
        catch (ArgumentException)
        {
            return "error";
        }
    }
}
