import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** What a test asks of the broker, done with Kafka's own clients. Each is waited for at most the clients' minute. */
final class KafkaCommands implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long WAIT_MS = 20;

  private final String address;
  private Admin admin;
  /** Has a transaction open. */
  private KafkaProducer<String, String> pending;

  KafkaCommands(final String address) {
    this.address = address;
  }

  /** "ok JSON", or "error MESSAGE" in one line. */
  String answer(final List<String> fields) {
    try {
      if (admin == null) admin = Admin.create(clientTo(address));
      final Object answer = run(fields.get(0), fields.subList(1, fields.size()));
      return "ok " + JSON.writeValueAsString(answer);
    } catch (final Exception e) {
      final Throwable cause = e instanceof ExecutionException ? e.getCause() : e;
      return "error " + (cause.getClass().getSimpleName() + ": " + cause.getMessage()).replaceAll("\\s+", " ");
    }
  }

  @Override
  public void close() {
    if (pending != null) pending.close(Duration.ZERO);
    if (admin != null) admin.close(Duration.ZERO);
  }

  private Object run(final String command, final List<String> args) throws Exception {
    switch (command) {
      case "create":
        return create(args.get(0), Integer.parseInt(args.get(1)), settings(args.subList(2, args.size())));
      case "delete":
        return delete(args.get(0));
      case "ends":
        return ends(args.get(0));
      case "group":
        return group(args.get(0));
      case "password":
        return password(args.get(0), args.get(1));
      case "produce":
        return produce(args.get(0), Integer.parseInt(args.get(1)), args.subList(2, args.size()));
      case "read":
        return read(args.get(0), args.get(1));
      case "numbered":
        return numbered(args.get(0), args.get(1), Integer.parseInt(args.get(2)));
      case "pend":
        return pend(args.get(0), args.get(1), args.subList(2, args.size()));
      case "settle":
        return settle();
      case "login":
        return login(settings(args));
      default:
        throw new IllegalArgumentException("no such command: " + command);
    }
  }

  /** Answers when every partition is led: a client that asks at once finds it. */
  private Object create(final String topic, final int partitions, final Map<String, String> config) throws Exception {
    admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1).configs(config))).all().get();
    while (!isLed(topic, partitions)) Thread.sleep(WAIT_MS);
    return null;
  }

  /** Answers when the broker knows of it no more. */
  private Object delete(final String topic) throws Exception {
    admin.deleteTopics(List.of(topic)).all().get();
    while (describe(topic) != null) Thread.sleep(WAIT_MS);
    return null;
  }

  private boolean isLed(final String topic, final int partitions) throws Exception {
    final TopicDescription found = describe(topic);
    if (found == null || found.partitions().size() != partitions) return false;
    return found.partitions().stream().allMatch(partition -> partition.leader() != null && !partition.leader().isEmpty());
  }

  private TopicDescription describe(final String topic) throws Exception {
    try {
      return admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic);
    } catch (final ExecutionException e) {
      if (e.getCause() instanceof UnknownTopicOrPartitionException) return null;
      throw e;
    }
  }

  private Map<TopicPartition, Long> endOffsets(final String topic) throws Exception {
    final Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
    admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic).partitions()
        .forEach(partition -> asked.put(new TopicPartition(topic, partition.partition()), OffsetSpec.latest()));
    final Map<TopicPartition, Long> ends = new HashMap<>();
    admin.listOffsets(asked).all().get().forEach((partition, end) -> ends.put(partition, end.offset()));
    return ends;
  }

  private Object ends(final String topic) throws Exception {
    final Map<Integer, Long> ends = new TreeMap<>();
    endOffsets(topic).forEach((partition, end) -> ends.put(partition.partition(), end));
    return new ArrayList<>(ends.values());
  }

  private Object group(final String name) throws Exception {
    final ConsumerGroupDescription group = admin.describeConsumerGroups(List.of(name)).all().get().get(name);
    final Map<String, Map<Integer, Long>> offsets = new TreeMap<>();
    admin.listConsumerGroupOffsets(name).partitionsToOffsetAndMetadata().get().forEach((partition, offset) -> {
      if (offset != null) offsets.computeIfAbsent(partition.topic(), topic -> new TreeMap<>()).put(partition.partition(), offset.offset());
    });
    final List<Map<String, Object>> members = group.members().stream()
        .map(member -> Map.<String, Object>of("client", member.clientId(), "instance", member.groupInstanceId().orElse(""),
            "partitions", member.assignment().topicPartitions().stream().map(TopicPartition::toString).sorted().collect(Collectors.toList())))
        .collect(Collectors.toList());
    return Map.of("state", group.groupState().toString(), "members", members, "offsets", offsets);
  }

  private Object password(final String user, final String password) throws Exception {
    final ScramCredentialInfo how = new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_256, 4096);
    admin.alterUserScramCredentials(List.of(new UserScramCredentialUpsertion(user, how, password))).all().get();
    return null;
  }

  private Object produce(final String topic, final int partition, final List<String> values) throws Exception {
    final Properties settings = clientTo(address);
    settings.put("acks", "all");
    try (KafkaProducer<String, String> producer = new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
      final List<java.util.concurrent.Future<?>> sent = new ArrayList<>();
      for (final String value : values) sent.add(producer.send(new ProducerRecord<>(topic, partition, null, value)));
      for (final java.util.concurrent.Future<?> one : sent) one.get();
    }
    return null;
  }

  /** The offsets of a group, from partition 0 on, in a transaction that stays open. */
  private Object pend(final String group, final String topic, final List<String> offsets) throws Exception {
    final Properties settings = clientTo(address);
    settings.put("transactional.id", "pending");
    settings.put("transaction.timeout.ms", "300000");
    pending = new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer());
    pending.initTransactions();
    pending.beginTransaction();
    final Map<TopicPartition, OffsetAndMetadata> given = new HashMap<>();
    for (int partition = 0; partition < offsets.size(); partition++)
      given.put(new TopicPartition(topic, partition), new OffsetAndMetadata(Long.parseLong(offsets.get(partition))));
    pending.sendOffsetsToTransaction(given, new ConsumerGroupMetadata(group));
    return null;
  }

  private Object settle() {
    pending.commitTransaction();
    pending.close();
    pending = null;
    return null;
  }

  private Object read(final String topic, final String isolation) throws Exception {
    final List<List<Object>> records = new ArrayList<>();
    eachRecord(topic, isolation, record -> {
      final List<Object> row = new ArrayList<>();
      row.add(record.partition());
      row.add(record.offset());
      row.add(record.key());
      row.add(record.value());
      records.add(row);
    });
    return records;
  }

  /** Of a topic that is too large to be told whole. */
  private Object numbered(final String topic, final String isolation, final int count) throws Exception {
    final NumberedRecords records = new NumberedRecords(count);
    eachRecord(topic, isolation, record -> records.add(record.value()));
    return records.result();
  }

  /** From the first to what is the last when it begins, in the order of each partition. */
  private void eachRecord(final String topic, final String isolation, final Consumer<ConsumerRecord<String, String>> each) throws Exception {
    final Properties settings = clientTo(address);
    settings.put("isolation.level", isolation);
    try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
      final Map<TopicPartition, Long> ends = consumer.endOffsets(endOffsets(topic).keySet());
      consumer.assign(ends.keySet());
      consumer.seekToBeginning(ends.keySet());
      while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue()))
        for (final ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(200))) each.accept(record);
    }
  }

  /** Asks a listener, with a client's settings, for the cluster's id. */
  private Object login(final Map<String, String> settings) throws Exception {
    final Properties client = new Properties();
    client.putAll(settings);
    client.put("default.api.timeout.ms", "10000");
    client.put("request.timeout.ms", "10000");
    try (Admin visitor = Admin.create(client)) {
      return visitor.describeCluster().clusterId().get();
    }
  }

  private static Properties clientTo(final String address) {
    final Properties properties = new Properties();
    properties.put("bootstrap.servers", address);
    return properties;
  }

  private static Map<String, String> settings(final List<String> pairs) {
    final Map<String, String> settings = new HashMap<>();
    for (final String pair : pairs) {
      final int equals = pair.indexOf('=');
      settings.put(pair.substring(0, equals), pair.substring(equals + 1).replace("\\n", "\n"));
    }
    return settings;
  }
}
