import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What was found of records that are numbered from 0: how often each is there, and under which id. */
final class NumberedRecords {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern NUMBERED = Pattern.compile("number (\\d{1,9})( x*)?");
  /** Of what is wrong, so many are named. */
  private static final int NAMED = 10;

  private final String[] idOf;
  private int records;
  private int found;
  private int strangers;
  private final Set<Integer> otherIds = new HashSet<>();

  NumberedRecords(final int count) {
    idOf = new String[count];
  }

  /** @param document a record in the ECS profile; anything else, and a message that is more than its number and some x, is a stranger. */
  void add(final String document) {
    records++;
    final int number;
    final String id;
    try {
      final JsonNode record = JSON.readTree(document);
      final Matcher numbered = NUMBERED.matcher(record.path("message").asText());
      number = numbered.matches() ? Integer.parseInt(numbered.group(1)) : -1;
      id = record.path("event").path("id").asText();
    } catch (final IOException e) {
      strangers++;
      return;
    }
    if (number < 0 || number >= idOf.length || id.isEmpty()) {
      strangers++;
    } else if (idOf[number] == null) {
      idOf[number] = id;
      found++;
    } else if (!idOf[number].equals(id)) {
      otherIds.add(number);
    }
  }

  Map<String, Object> result() {
    final List<Integer> missing = new ArrayList<>();
    for (int number = 0; number < idOf.length && missing.size() < NAMED; number++) if (idOf[number] == null) missing.add(number);
    return Map.of("records", records, "lost", idOf.length - found, "repeats", records - strangers - found, "strangers", strangers,
        "otherIds", otherIds.size(), "missing", missing);
  }
}
