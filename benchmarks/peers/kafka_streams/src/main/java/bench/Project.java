package bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/** Folds uploads into sums per key; writes them and the task's position in one transaction, then asks for a commit. */
final class Project implements Processor<byte[], byte[], Void, Void> {
    private static final int BATCH_EVENTS = 5000;
    private static final ObjectMapper JSON = new ObjectMapper();

    private record DayKey(String outlet, LocalDate day) implements Comparable<DayKey> {
        public int compareTo(DayKey o) {
            int c = outlet.compareTo(o.outlet);
            return c != 0 ? c : day.compareTo(o.day);
        }
    }

    private record PaidKey(String outlet, LocalDate day, String method) implements Comparable<PaidKey> {
        public int compareTo(PaidKey o) {
            int c = outlet.compareTo(o.outlet);
            if (c == 0) c = day.compareTo(o.day);
            return c != 0 ? c : method.compareTo(o.method);
        }
    }

    private record Shelf(String outlet, String good, String warehouse) implements Comparable<Shelf> {
        public int compareTo(Shelf o) {
            int c = outlet.compareTo(o.outlet);
            if (c == 0) c = good.compareTo(o.good);
            return c != 0 ? c : warehouse.compareTo(o.warehouse);
        }
    }

    private static final class Day {
        int sales, returns;
        BigDecimal goods = BigDecimal.ZERO, discount = BigDecimal.ZERO, returned = BigDecimal.ZERO;
    }

    private static final class Paid {
        BigDecimal amount = BigDecimal.ZERO;
        int count, refunds;
    }

    private record Sale(String outlet, String id, String till, String number, OffsetDateTime at, LocalDate day,
                        int positions, BigDecimal goods, BigDecimal discount, BigDecimal change, String lines,
                        String payments) {}

    private final Map<DayKey, Day> daily = new java.util.HashMap<>();
    private final Map<PaidKey, Paid> payments = new java.util.HashMap<>();
    private final Map<Shelf, BigDecimal> stock = new java.util.HashMap<>();
    private final List<Sale> sales = new ArrayList<>();
    private ProcessorContext<Void, Void> context;
    private Connection connection;
    private int partition;
    private long next;
    private int events;

    @Override
    public void init(ProcessorContext<Void, Void> context) {
        this.context = context;
        partition = context.taskId().partition();
        try {
            connection = DriverManager.getConnection(System.getenv("BENCH_JDBC"));
            connection.setAutoCommit(false);
            try (PreparedStatement s = connection.prepareStatement("SELECT next_offset FROM positions WHERE partition = ?")) {
                s.setInt(1, partition);
                ResultSet found = s.executeQuery();
                next = found.next() ? found.getLong(1) : 0;
            }
            connection.commit();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        Duration wait = Duration.ofMillis(Long.parseLong(System.getenv("BENCH_WAIT_MS")));
        context.schedule(wait, PunctuationType.WALL_CLOCK_TIME, now -> flush());
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        long offset = context.recordMetadata().orElseThrow().offset();
        if (offset < next) return; // stands in PostgreSQL already
        try {
            JsonNode upload = JSON.readTree(record.value());
            ZoneId zone = ZoneId.of(upload.get("zone").textValue());
            String outlet = upload.get("outlet").textValue(), till = upload.get("till").textValue();
            for (JsonNode event : upload.get("events")) {
                OffsetDateTime at = OffsetDateTime.parse(event.get("at").textValue());
                LocalDate day = at.atZoneSameInstant(zone).toLocalDate();
                switch (event.get("type").textValue()) {
                    case "sale.registered" -> sale(outlet, till, at, day, event);
                    case "sale.returned" -> returned(outlet, day, event);
                    default -> { }
                }
                events++;
            }
        } catch (java.io.IOException e) {
            throw new IllegalStateException(e);
        }
        next = offset + 1;
        if (events >= BATCH_EVENTS) flush();
    }

    private static BigDecimal number(JsonNode node, String field) {
        JsonNode found = node.get(field);
        return found == null ? BigDecimal.ZERO : new BigDecimal(found.textValue());
    }

    private static String warehouse(JsonNode line) {
        JsonNode found = line.get("warehouse_id");
        return found == null || found.isNull() ? "main" : found.textValue();
    }

    private void sale(String outlet, String till, OffsetDateTime at, LocalDate day, JsonNode sale) {
        BigDecimal goods = BigDecimal.ZERO, discount = BigDecimal.ZERO;
        for (JsonNode line : sale.get("lines")) {
            BigDecimal quantity = number(line, "quantity");
            goods = goods.add(quantity.multiply(number(line, "price")).setScale(2, RoundingMode.HALF_UP));
            discount = discount.add(number(line, "discount"));
            stock.merge(new Shelf(outlet, line.get("good_id").textValue(), warehouse(line)), quantity.negate(), BigDecimal::add);
        }
        Day sums = daily.computeIfAbsent(new DayKey(outlet, day), key -> new Day());
        sums.sales++;
        sums.goods = sums.goods.add(goods);
        sums.discount = sums.discount.add(discount);
        for (JsonNode payment : sale.get("payments")) {
            Paid paid = payments.computeIfAbsent(new PaidKey(outlet, day, payment.get("method").textValue()), key -> new Paid());
            paid.amount = paid.amount.add(number(payment, "amount"));
            paid.count++;
        }
        BigDecimal change = number(sale, "change");
        if (change.signum() != 0) {
            Paid cash = payments.computeIfAbsent(new PaidKey(outlet, day, "cash"), key -> new Paid());
            cash.amount = cash.amount.subtract(change);
        }
        sales.add(new Sale(outlet, sale.get("sale_id").textValue(), till, sale.get("number").textValue(), at, day,
            sale.get("lines").size(), goods, discount, change, sale.get("lines").toString(), sale.get("payments").toString()));
    }

    private void returned(String outlet, LocalDate day, JsonNode returned) {
        Day sums = daily.computeIfAbsent(new DayKey(outlet, day), key -> new Day());
        sums.returns++;
        for (JsonNode line : returned.get("lines")) {
            sums.returned = sums.returned.add(number(line, "amount"));
            stock.merge(new Shelf(outlet, line.get("good_id").textValue(), warehouse(line)), number(line, "quantity"), BigDecimal::add);
        }
        for (JsonNode refund : returned.get("refunds")) {
            Paid paid = payments.computeIfAbsent(new PaidKey(outlet, day, refund.get("method").textValue()), key -> new Paid());
            paid.amount = paid.amount.subtract(number(refund, "amount"));
            paid.refunds++;
        }
    }

    private void flush() {
        if (events == 0) return;
        try {
            writeDaily();
            writePayments();
            writeStock();
            writeSales();
            try (PreparedStatement s = connection.prepareStatement(
                    "INSERT INTO positions VALUES (?, ?) ON CONFLICT (partition) DO UPDATE SET next_offset = excluded.next_offset")) {
                s.setInt(1, partition);
                s.setLong(2, next);
                s.executeUpdate();
            }
            connection.commit();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        daily.clear();
        payments.clear();
        stock.clear();
        sales.clear();
        events = 0;
        context.commit();
    }

    private void writeDaily() throws SQLException {
        try (PreparedStatement s = connection.prepareStatement(
                "INSERT INTO daily VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (outlet_id, day) DO UPDATE SET"
                + " sales = daily.sales + excluded.sales, returns = daily.returns + excluded.returns,"
                + " goods_sum = daily.goods_sum + excluded.goods_sum, discount_sum = daily.discount_sum + excluded.discount_sum,"
                + " returns_sum = daily.returns_sum + excluded.returns_sum")) {
            for (Map.Entry<DayKey, Day> e : new TreeMap<>(daily).entrySet()) {
                s.setObject(1, UUID.fromString(e.getKey().outlet()));
                s.setObject(2, e.getKey().day());
                s.setInt(3, e.getValue().sales);
                s.setInt(4, e.getValue().returns);
                s.setBigDecimal(5, e.getValue().goods);
                s.setBigDecimal(6, e.getValue().discount);
                s.setBigDecimal(7, e.getValue().returned);
                s.addBatch();
            }
            s.executeBatch();
        }
    }

    private void writePayments() throws SQLException {
        try (PreparedStatement s = connection.prepareStatement(
                "INSERT INTO payments VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (outlet_id, day, method) DO UPDATE SET"
                + " amount = payments.amount + excluded.amount, count = payments.count + excluded.count,"
                + " refunds = payments.refunds + excluded.refunds")) {
            for (Map.Entry<PaidKey, Paid> e : new TreeMap<>(payments).entrySet()) {
                s.setObject(1, UUID.fromString(e.getKey().outlet()));
                s.setObject(2, e.getKey().day());
                s.setString(3, e.getKey().method());
                s.setBigDecimal(4, e.getValue().amount);
                s.setInt(5, e.getValue().count);
                s.setInt(6, e.getValue().refunds);
                s.addBatch();
            }
            s.executeBatch();
        }
    }

    private void writeStock() throws SQLException {
        try (PreparedStatement s = connection.prepareStatement(
                "INSERT INTO stock VALUES (?, ?, ?, ?) ON CONFLICT (outlet_id, good_id, warehouse_id) DO UPDATE SET"
                + " quantity = stock.quantity + excluded.quantity")) {
            for (Map.Entry<Shelf, BigDecimal> e : new TreeMap<>(stock).entrySet()) {
                s.setObject(1, UUID.fromString(e.getKey().outlet()));
                s.setString(2, e.getKey().good());
                s.setString(3, e.getKey().warehouse());
                s.setBigDecimal(4, e.getValue());
                s.addBatch();
            }
            s.executeBatch();
        }
    }

    private void writeSales() throws SQLException {
        try (PreparedStatement s = connection.prepareStatement(
                "INSERT INTO sales VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?::jsonb, ?::jsonb)"
                + " ON CONFLICT (outlet_id, sale_id, till_id) DO NOTHING")) {
            for (Sale sale : sales) {
                s.setObject(1, UUID.fromString(sale.outlet()));
                s.setString(2, sale.id());
                s.setObject(3, UUID.fromString(sale.till()));
                s.setString(4, sale.number());
                s.setObject(5, sale.at());
                s.setObject(6, sale.day());
                s.setInt(7, sale.positions());
                s.setBigDecimal(8, sale.goods());
                s.setBigDecimal(9, sale.discount());
                s.setBigDecimal(10, sale.goods().subtract(sale.discount()));
                s.setBigDecimal(11, sale.change());
                s.setString(12, sale.lines());
                s.setString(13, sale.payments());
                s.addBatch();
            }
            s.executeBatch();
        }
    }

    @Override
    public void close() {
        try {
            flush();
            connection.close();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
