// A till client without packages: keeps events on disk and sends each once, whatever breaks.
//
//   using (var till = new TillClient("https://example.ru", token, @"C:\ProgramData\Till\spool"))
//   {
//       till.Append(json);   // safe from here on
//       till.Send();         // whenever there may be a network, and once an hour in any case
//   }
using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.IO.Compression;
using System.Linq;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Text;
using System.Text.RegularExpressions;
using System.Threading;

namespace WebOffice.Till
{
    /// <summary>Trying again can't help: the token, the address or the program is wrong. Everything stays in the spool.</summary>
    public sealed class UploadStoppedException : Exception
    {
        public UploadStoppedException(int status, string detail)
            : base("answer " + status + (string.IsNullOrEmpty(detail) ? "" : ": " + detail))
        {
            Status = status;
        }

        public int Status { get; private set; }
    }

    /// <summary>Nothing was acknowledged within the time allowed. Everything stays in the spool.</summary>
    public sealed class GaveUpException : Exception
    {
        public GaveUpException(string message) : base(message) { }
    }

    /// <summary>An event that the service refused, and that went out as event.withdrawn instead.</summary>
    public sealed class Withdrawal
    {
        public string Run = "";
        public long Number;
        public string At = "";
        public string Detail = "";
    }

    /// <summary>For one thread at a time.</summary>
    public sealed class TillClient : IDisposable
    {
        private const string Uploads = "/api/v1/uploads";
        private const double AskEverySeconds = 3600, AskAgainSeconds = 60;
        private const double OnItsWaySeconds = 600; // what was acknowledged since may not be applied yet
        private const string Withdrawn = "{\"type\":\"event.withdrawn\"";
        private static readonly Regex Place = new Regex(@"^events\[(\d+)\]\.?");
        private static readonly DateTime Epoch = new DateTime(1970, 1, 1, 0, 0, 0, DateTimeKind.Utc);

        private readonly string _url;
        private readonly HttpClient _http;
        private readonly Spool _spool;
        private readonly Func<double> _now;
        private readonly int _batchEvents, _batchBytes;
        private int _cut;
        private double _askAt;
        private bool _confirmed;

        /// <param name="now">Unix seconds; the computer's clock by default.</param>
        public TillClient(string url, string token, string folder, Func<double> now = null, int batchEvents = 100,
            int batchBytes = 1 << 20, double timeoutSeconds = 60)
        {
            _url = url.TrimEnd('/');
            _now = now ?? (() => (DateTime.UtcNow - Epoch).TotalSeconds);
            _batchEvents = _cut = batchEvents;
            _batchBytes = batchBytes;
            _http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false });
            _http.Timeout = TimeSpan.FromSeconds(timeoutSeconds);
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
            _spool = new Spool(folder, () => (long)_now());
        }

        /// <summary>How many events wait to be sent.</summary>
        public int Waiting { get { return _spool.Waiting; } }

        /// <summary>Accept events, each as JSON. They are on disk when this returns.</summary>
        public void Append(params string[] events)
        {
            if (events.Length > 0) _spool.Append(events);
        }

        /// <summary>Send until nothing waits; returns what was refused.</summary>
        /// <exception cref="UploadStoppedException"/>
        /// <exception cref="GaveUpException"/>
        public List<Withdrawal> Send(double giveUpAfterSeconds = double.PositiveInfinity)
        {
            var attempts = new Attempts(giveUpAfterSeconds);
            var withdrawals = new List<Withdrawal>();
            Confirm(attempts);
            while (true)
            {
                LookForLost();
                Batch batch = _spool.Next(_cut, _batchBytes);
                if (batch == null) return withdrawals;
                Answer answer = Upload(batch);
                Content content = answer.Content;
                int count = batch.Ids.Count;
                if (answer.Status == 202 && content.Accepted == count && content.NextSeq == batch.First + count)
                {
                    _spool.Acknowledge(batch);
                    _cut = Math.Min(_cut * 2, _batchEvents);
                    attempts.Succeeded();
                }
                else if ((answer.Status == 413 || answer.Status == 422) && content.Error != null)
                {
                    Mend(batch, content, withdrawals);
                }
                else if (answer.Status == 413 && count > 1)
                {
                    _cut = count / 2; // a proxy on the way has a limit of its own
                }
                else if (answer.Final)
                {
                    throw new UploadStoppedException(answer.Status, content.Detail);
                }
                else
                {
                    attempts.Failed(answer);
                }
            }
        }

        public void Dispose()
        {
            _http.Dispose();
            _spool.Dispose();
        }

        /// <summary>A spool that was there before: more known to the service than was ever numbered here means an older copy.</summary>
        private void Confirm(Attempts attempts)
        {
            while (!_confirmed && !_spool.BegunHere)
            {
                Answer answer = State(_spool.Run);
                List<long[]> known = answer.Spans;
                if (known != null)
                {
                    if (known.Max(span => span[1]) > _spool.Through) _spool.Begin();
                    _confirmed = true;
                    attempts.Succeeded();
                }
                else if (answer.Final)
                {
                    throw new UploadStoppedException(answer.Status, answer.Content.Detail);
                }
                else
                {
                    attempts.Failed(answer);
                }
            }
        }

        /// <summary>Once an hour: what was acknowledged, and the service no longer has, goes out again.</summary>
        private void LookForLost()
        {
            double now = _now();
            if (now < _askAt) return;
            _askAt = now + AskAgainSeconds;
            var before = (long)(now - OnItsWaySeconds);
            foreach (string run in _spool.RunsTakenBefore(before))
            {
                List<long[]> known = State(run).Spans;
                if (known == null) return;
                _spool.SendAgain(run, known, before);
            }
            _askAt = now + AskEverySeconds;
        }

        /// <summary>A refused batch: the event that is wrong is withdrawn under its number; where none is named, the batch is cut.</summary>
        private void Mend(Batch batch, Content content, List<Withdrawal> withdrawals)
        {
            Match named = Place.Match(content.At ?? "");
            if (!named.Success && batch.Ids.Count > 1)
            {
                _cut = batch.Ids.Count / 2;
                return;
            }
            int position = named.Success ? int.Parse(named.Groups[1].Value, CultureInfo.InvariantCulture) : 0;
            if (position >= batch.Ids.Count || batch.Texts[position].StartsWith(Withdrawn, StringComparison.Ordinal))
                throw new UploadStoppedException(422, content.Detail);
            string reason = Place.Replace(content.At ?? "", "") + ": " + (content.Detail ?? content.Error);
            string at = Epoch.AddSeconds(_now()).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
            string shortened = reason.Substring(0, Math.Min(reason.Length, 400));
            _spool.Replace(batch.Ids[position], Withdrawn + ",\"at\":\"" + at + "\",\"reason\":" + Quoted(shortened) + "}");
            withdrawals.Add(new Withdrawal
            {
                Run = batch.Run, Number = batch.First + position, At = content.At ?? "", Detail = content.Detail ?? ""
            });
        }

        private Answer Upload(Batch batch)
        {
            string body = "{\"run\":\"" + batch.Run + "\",\"first_seq\":" + batch.First.ToString(CultureInfo.InvariantCulture)
                + ",\"events\":[" + string.Join(",", batch.Texts) + "]}";
            using (var packed = new MemoryStream())
            {
                using (var gzip = new GZipStream(packed, CompressionMode.Compress, true))
                {
                    byte[] plain = Encoding.UTF8.GetBytes(body);
                    gzip.Write(plain, 0, plain.Length);
                }
                var content = new ByteArrayContent(packed.ToArray());
                content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
                content.Headers.ContentEncoding.Add("gzip");
                return Ask(new HttpRequestMessage(HttpMethod.Post, _url + Uploads) { Content = content });
            }
        }

        private Answer State(string run)
        {
            return Ask(new HttpRequestMessage(HttpMethod.Get, _url + Uploads + "/state?run=" + Uri.EscapeDataString(run)));
        }

        private Answer Ask(HttpRequestMessage request)
        {
            try
            {
                using (request)
                using (HttpResponseMessage answer = _http.SendAsync(request).GetAwaiter().GetResult())
                {
                    string text = answer.Content.ReadAsStringAsync().GetAwaiter().GetResult();
                    return new Answer
                    {
                        Status = (int)answer.StatusCode,
                        Content = Content.Parse(text),
                        RetryAfter = Attempts.Asked(answer.Headers.RetryAfter)
                    };
                }
            }
            catch (Exception error) when (error is HttpRequestException || error is OperationCanceledException
                || error is IOException || error is System.Net.WebException)
            {
                return new Answer();
            }
        }

        private static string Quoted(string text)
        {
            var quoted = new StringBuilder("\"");
            foreach (char letter in text)
            {
                if (letter == '"' || letter == '\\') quoted.Append('\\').Append(letter);
                else if (letter < ' ') quoted.Append(' ');
                else quoted.Append(letter);
            }
            return quoted.Append('"').ToString();
        }
    }

    /// <summary>Pauses between attempts: by chance, below a bound that doubles, after what Retry-After asks for.</summary>
    internal sealed class Attempts
    {
        private const double FirstPause = 0.5, LongestPause = 60, LongestWait = 3600;
        private readonly double _giveUpAfter;
        private readonly Stopwatch _since = Stopwatch.StartNew();
        private readonly Random _chance = new Random();
        private int _failures;

        public Attempts(double giveUpAfterSeconds)
        {
            _giveUpAfter = giveUpAfterSeconds;
        }

        public void Succeeded()
        {
            _failures = 0;
            _since.Restart();
        }

        public void Failed(Answer answer)
        {
            double bound = Math.Min(LongestPause, FirstPause * Math.Pow(2, Math.Min(_failures++, 10)));
            double pause = answer.RetryAfter + _chance.NextDouble() * (answer.RetryAfter > 0 ? FirstPause : bound);
            if (_since.Elapsed.TotalSeconds + pause > _giveUpAfter)
                throw new GaveUpException("nothing was acknowledged; last answer: " + answer.Status);
            Thread.Sleep(TimeSpan.FromSeconds(pause));
        }

        /// <summary>Seconds; a mistaken Retry-After must not silence a till for days.</summary>
        public static double Asked(RetryConditionHeaderValue header)
        {
            if (header == null) return 0;
            double seconds = header.Delta != null ? header.Delta.Value.TotalSeconds
                : header.Date != null ? (header.Date.Value - DateTimeOffset.UtcNow).TotalSeconds : 0;
            return Math.Min(Math.Max(seconds, 0), LongestWait);
        }
    }
}
