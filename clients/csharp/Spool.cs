// The events that a till has accepted, in one file that is only written at its end; each line is on disk before it counts.
//
//   event <json>            accepted; its id is its place among all of these lines, from 1 on
//   run <uuid> <number>     from here on events get the numbers of this run, the next one this number
//   number <first> <last>   the events of these ids have got the next numbers of the run
//   taken <first> <last> <unix seconds>   acknowledged by the service
//   again <first> <last>    the service lost them: they wait again
//   instead <id> <json>     what goes out under this event's number now
//
// Fields are parted by a tab. A line without its end, after a power cut, never counted. The same file as that of
// clients/javascript.
using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;

namespace WebOffice.Till
{
    /// <summary>Events of one run to be sent: their ids in the spool, the number of the first, their JSON.</summary>
    public sealed class Batch
    {
        public List<int> Ids = new List<int>();
        public List<string> Texts = new List<string>();
        public string Run = "";
        public long First;
    }

    internal sealed class Spool : IDisposable
    {
        private const long KeepSeconds = 30L * 24 * 3600;
        private const long KeepBytes = 1L << 30;
        private static readonly UTF8Encoding Utf8 = new UTF8Encoding(false);

        private sealed class Event
        {
            public long Offset;
            public int Length;
            public string Run = "";
            public long Number;
            public long? Taken;
        }

        private readonly string _path;
        private readonly Func<long> _now;
        private FileStream _file;
        private long _size;
        private List<Event> _events = new List<Event>();
        private long _next = 1;

        /// <summary>One process at a time: the file is open to nobody else.</summary>
        public Spool(string folder, Func<long> now)
        {
            Directory.CreateDirectory(folder);
            _path = Path.Combine(folder, "spool.log");
            _now = now;
            Run = "";
            Open();
            if (Run == "") Begin();
            Shrink();
        }

        public string Run { get; private set; }

        /// <summary>Whether the run began since the spool was opened: then nothing else can have sent under it.</summary>
        public bool BegunHere { get; private set; }

        /// <summary>The greatest number of the run that was given.</summary>
        public long Through { get { return _next - 1; } }

        public int Waiting { get { return _events.Count(e => e.Taken == null); } }

        /// <summary>Accept events (JSON). They are on disk when this returns.</summary>
        public void Append(IEnumerable<string> texts)
        {
            // Outside of strings JSON may hold line breaks and tabs; inside of them it can't.
            Write(texts.Select(t => new[] { "event", t.Replace('\n', ' ').Replace('\r', ' ').Replace('\t', ' ') }).ToList());
        }

        /// <summary>A new run: what has no number yet gets it there.</summary>
        public void Begin()
        {
            Write(new List<string[]> { new[] { "run", Guid.NewGuid().ToString(), "1" } });
            BegunHere = true;
        }

        /// <summary>The next events of one run, or null. Gives numbers to what has none.</summary>
        public Batch Next(int most, int mostBytes)
        {
            int bare = _events.FindIndex(e => e.Run == "");
            if (bare >= 0) Write(new List<string[]> { new[] { "number", Text(bare + 1), Text(_events.Count) } });
            int start = _events.FindIndex(e => e.Taken == null);
            if (start < 0) return null;
            var batch = new Batch { Run = _events[start].Run, First = _events[start].Number };
            long bytes = 0;
            for (int at = start; at < _events.Count && batch.Ids.Count < most; at++)
            {
                Event e = _events[at];
                bytes += e.Length + 1;
                if (e.Taken != null || e.Run != batch.Run || e.Number != batch.First + batch.Ids.Count) break;
                if (batch.Ids.Count > 0 && bytes > mostBytes) break;
                batch.Ids.Add(at + 1);
                batch.Texts.Add(TextOf(at + 1));
            }
            return batch;
        }

        public void Acknowledge(Batch batch)
        {
            Write(new List<string[]> { new[] { "taken", Text(batch.Ids.First()), Text(batch.Ids.Last()), Text(_now()) } });
        }

        public void Replace(int id, string text)
        {
            Write(new List<string[]> { new[] { "instead", Text(id), text } });
        }

        /// <summary>The runs of which something was acknowledged before a moment.</summary>
        public List<string> RunsTakenBefore(long moment)
        {
            return _events.Where(e => e.Taken < moment).Select(e => e.Run).Distinct().ToList();
        }

        /// <summary>Of a run, what was acknowledged before a moment and is not among the known spans waits again.</summary>
        public void SendAgain(string run, List<long[]> known, long moment)
        {
            var lines = new List<string[]>();
            for (int at = 0; at < _events.Count; at++)
            {
                Event e = _events[at];
                if (e.Run == run && e.Taken < moment && !known.Any(s => s[0] <= e.Number && e.Number <= s[1]))
                    lines.Add(new[] { "again", Text(at + 1), Text(at + 1) });
            }
            if (lines.Count > 0) Write(lines);
        }

        public void Dispose()
        {
            _file.Dispose();
        }

        private string TextOf(int id)
        {
            Event e = _events[id - 1];
            var bytes = new byte[e.Length];
            _file.Seek(e.Offset, SeekOrigin.Begin);
            for (int done = 0; done < bytes.Length;)
            {
                int read = _file.Read(bytes, done, bytes.Length - done);
                if (read == 0) throw new IOException("the spool is shorter than it was");
                done += read;
            }
            return Utf8.GetString(bytes);
        }

        private void Open()
        {
            _file = new FileStream(_path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            var content = new byte[_file.Length];
            for (int done = 0; done < content.Length;) done += _file.Read(content, done, content.Length - done);
            int whole = Array.LastIndexOf(content, (byte)'\n') + 1;
            if (whole < content.Length) _file.SetLength(whole);
            for (int start = 0; start < whole;)
            {
                int end = Array.IndexOf(content, (byte)'\n', start);
                Apply(Utf8.GetString(content, start, end - start).Split('\t'), end);
                start = end + 1;
            }
            _size = whole;
        }

        private void Write(List<string[]> lines)
        {
            List<byte[]> pieces = lines.Select(fields => Utf8.GetBytes(string.Join("\t", fields) + "\n")).ToList();
            try
            {
                _file.Seek(_size, SeekOrigin.Begin);
                foreach (byte[] piece in pieces) _file.Write(piece, 0, piece.Length);
                _file.Flush(true);
            }
            catch (IOException)
            {
                _file.SetLength(_size); // a full disk: nothing of it counts
                throw;
            }
            for (int at = 0; at < lines.Count; at++)
            {
                _size += pieces[at].Length;
                Apply(lines[at], _size - 1);
            }
        }

        private void Apply(string[] fields, long end)
        {
            switch (fields[0])
            {
                case "event":
                    int length = Utf8.GetByteCount(fields[1]);
                    _events.Add(new Event { Offset = end - length, Length = length });
                    break;
                case "run":
                    Run = fields[1];
                    _next = long.Parse(fields[2], CultureInfo.InvariantCulture);
                    break;
                case "number":
                    foreach (Event e in Of(fields))
                    {
                        e.Run = Run;
                        e.Number = _next++;
                    }
                    break;
                case "taken":
                    foreach (Event e in Of(fields)) e.Taken = long.Parse(fields[3], CultureInfo.InvariantCulture);
                    break;
                case "again":
                    foreach (Event e in Of(fields)) e.Taken = null;
                    break;
                case "instead":
                    Event replaced = _events[int.Parse(fields[1], CultureInfo.InvariantCulture) - 1];
                    replaced.Length = Utf8.GetByteCount(fields[2]);
                    replaced.Offset = end - replaced.Length;
                    break;
                default:
                    throw new IOException("the spool holds a line of an unknown kind: " + fields[0]);
            }
        }

        private List<Event> Of(string[] fields)
        {
            int first = int.Parse(fields[1], CultureInfo.InvariantCulture);
            int last = int.Parse(fields[2], CultureInfo.InvariantCulture);
            return _events.GetRange(first - 1, last - first + 1);
        }

        /// <summary>Writes the file anew without what was acknowledged long ago.</summary>
        private void Shrink()
        {
            long before = _size > KeepBytes ? long.MaxValue : _now() - KeepSeconds;
            if (!_events.Any(e => e.Taken < before)) return;
            string fresh = _path + ".new";
            using (var file = new FileStream(fresh, FileMode.Create, FileAccess.Write, FileShare.None))
            {
                string run = "";
                long next = 0;
                int id = 0;
                Action<string[]> line = fields =>
                {
                    byte[] bytes = Utf8.GetBytes(string.Join("\t", fields) + "\n");
                    file.Write(bytes, 0, bytes.Length);
                };
                for (int at = 0; at < _events.Count; at++)
                {
                    Event e = _events[at];
                    if (e.Taken < before) continue;
                    id++;
                    if (e.Run != "" && (e.Run != run || e.Number != next)) line(new[] { "run", e.Run, Text(e.Number) });
                    line(new[] { "event", TextOf(at + 1) });
                    if (e.Run != "")
                    {
                        run = e.Run;
                        next = e.Number + 1;
                        line(new[] { "number", Text(id), Text(id) });
                    }
                    if (e.Taken != null) line(new[] { "taken", Text(id), Text(id), Text(e.Taken.Value) });
                }
                line(new[] { "run", Run, Text(_next) });
                file.Flush(true);
            }
            _file.Dispose();
            File.Replace(fresh, _path, null);
            _events = new List<Event>();
            Open();
        }

        private static string Text(long number)
        {
            return number.ToString(CultureInfo.InvariantCulture);
        }
    }
}
