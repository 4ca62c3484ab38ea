// What the service answers, as far as a till has to know it.
using System;
using System.Collections.Generic;
using System.IO;
using System.Runtime.Serialization;
using System.Runtime.Serialization.Json;
using System.Text;

namespace WebOffice.Till
{
    [DataContract]
    internal sealed class Content
    {
        [DataMember(Name = "accepted")] public long? Accepted;
        [DataMember(Name = "next_seq")] public long? NextSeq;
        [DataMember(Name = "error")] public string Error;
        [DataMember(Name = "detail")] public string Detail;
        [DataMember(Name = "at")] public string At;
        [DataMember(Name = "applied_through")] public long? AppliedThrough;
        [DataMember(Name = "waiting")] public List<long[]> Waiting;
        [DataMember(Name = "quarantined")] public List<long[]> Quarantined;

        /// <summary>An answer that is no JSON object is an empty one: a network's sign-in page, for example.</summary>
        public static Content Parse(string text)
        {
            try
            {
                using (var bytes = new MemoryStream(Encoding.UTF8.GetBytes(text)))
                    return (Content)new DataContractJsonSerializer(typeof(Content)).ReadObject(bytes) ?? new Content();
            }
            catch (Exception error) when (error is SerializationException || error is FormatException || error is InvalidCastException)
            {
                return new Content();
            }
        }
    }

    internal sealed class Answer
    {
        /// <summary>0 where there was no answer: nobody knows.</summary>
        public int Status;
        public Content Content = new Content();
        /// <summary>Seconds.</summary>
        public double RetryAfter;

        /// <summary>Whether the answer stays the same however often it is asked for.</summary>
        public bool Final
        {
            get { return Status >= 400 && Status < 500 && Status != 408 && Status != 425 && Status != 429; }
        }

        /// <summary>The numbers that the service has, by its answer to `state`; null where it is no such answer.</summary>
        public List<long[]> Spans
        {
            get
            {
                if (Status != 200 || Content.AppliedThrough == null || Content.Waiting == null) return null;
                var spans = new List<long[]> { new[] { 1, Content.AppliedThrough.Value } };
                spans.AddRange(Content.Waiting);
                if (Content.Quarantined != null) spans.AddRange(Content.Quarantined);
                return spans;
            }
        }
    }
}
