package bench;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;

/** A topology of one source and one processor that writes to PostgreSQL in batches. */
public final class Main {
    /**
     * Sets the group's offsets to the positions in PostgreSQL: Streams commits by its own interval, for all tasks of a
     * thread together, so that its offsets run ahead of what a killed process had not written yet. The group has to be
     * empty for that; members that were killed leave it when their session times out.
     */
    private static void goBackToPositions(String group, String topic) throws Exception {
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        try (Connection connection = DriverManager.getConnection(System.getenv("BENCH_JDBC"));
                ResultSet found = connection.createStatement().executeQuery("SELECT partition, next_offset FROM positions")) {
            while (found.next()) {
                offsets.put(new TopicPartition(topic, found.getInt(1)), new OffsetAndMetadata(found.getLong(2)));
            }
        }
        if (offsets.isEmpty()) return;
        try (Admin admin = Admin.create(Map.<String, Object>of("bootstrap.servers", System.getenv("BENCH_KAFKA")))) {
            for (int tries = 0; ; tries++) {
                try {
                    admin.alterConsumerGroupOffsets(group, offsets).all().get();
                    return;
                } catch (ExecutionException e) {
                    if (tries == 90) throw e;
                    Thread.sleep(1000);
                }
            }
        }
    }

    public static void main(String[] args) throws Exception {
        String topic = System.getenv("BENCH_TOPIC");
        // A group of its own for each database: the offsets of another measurement say nothing about this one.
        String group = "kafka-streams-" + System.getenv("BENCH_DATABASE");
        Properties config = new Properties();
        config.put(StreamsConfig.APPLICATION_ID_CONFIG, group);
        config.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, System.getenv("BENCH_KAFKA"));
        config.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, System.getenv("BENCH_WORKERS"));
        config.put(StreamsConfig.STATE_DIR_CONFIG, System.getenv("BENCH_STATE"));
        config.put(StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG, Serdes.ByteArraySerde.class);
        config.put(StreamsConfig.DEFAULT_VALUE_SERDE_CLASS_CONFIG, Serdes.ByteArraySerde.class);
        config.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 1000);
        config.put(StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
        config.put(StreamsConfig.consumerPrefix(ConsumerConfig.FETCH_MAX_BYTES_CONFIG), 32 * 1024 * 1024);
        config.put(StreamsConfig.consumerPrefix(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG), 4 * 1024 * 1024);
        Topology topology = new Topology();
        topology.addSource("uploads", topic);
        topology.addProcessor("project", Project::new, "uploads");
        KafkaStreams streams = new KafkaStreams(topology, config);
        streams.setUncaughtExceptionHandler(exception -> {
            exception.printStackTrace();
            return StreamThreadExceptionResponse.SHUTDOWN_APPLICATION;
        });
        Runtime.getRuntime().addShutdownHook(new Thread(streams::close));
        goBackToPositions(group, topic);
        streams.start();
    }
}
