// weboffice-till URL SPOOL EVENTS [SECONDS]: takes in a file of events (JSON Lines) and sends all that waits. The token
// comes as WEBOFFICE_TOKEN. SECONDS are added to the clock: that is for `weboffice conform`.
using System;
using System.Globalization;
using System.IO;
using System.Linq;

namespace WebOffice.Till
{
    internal static class Program
    {
        private static int Main(string[] arguments)
        {
            double ahead = arguments.Length > 3 ? double.Parse(arguments[3], CultureInfo.InvariantCulture) : 0;
            var epoch = new DateTime(1970, 1, 1, 0, 0, 0, DateTimeKind.Utc);
            string token = Environment.GetEnvironmentVariable("WEBOFFICE_TOKEN") ?? "";
            using (var till = new TillClient(arguments[0], token, arguments[1],
                () => (DateTime.UtcNow - epoch).TotalSeconds + ahead))
            {
                try
                {
                    till.Append(File.ReadAllLines(arguments[2]).Where(line => line.Trim() != "").ToArray());
                    var withdrawals = till.Send(30);
                    foreach (Withdrawal w in withdrawals)
                        Console.Error.WriteLine("refused: " + w.Number + " " + w.At + " " + w.Detail);
                    return withdrawals.Count > 0 ? 1 : 0;
                }
                catch (Exception error) when (error is UploadStoppedException || error is GaveUpException)
                {
                    Console.Error.WriteLine(error.Message);
                    return 3;
                }
            }
        }
    }
}
