package dev.milepost.server.task;

import com.google.protobuf.ListValue;
import com.google.protobuf.NullValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.milepost.server.job.FieldChecks;
import dev.milepost.server.job.Refusal;
import dev.milepost.server.job.StructLimits;
import java.math.BigDecimal;
import java.text.ParseException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * The fields of one mapping in a YAML file; errors name line and column. Names may also be written
 * as in proto3 JSON: {@code displayName} is {@code display_name}.
 */
final class YamlFields {
  /** A double holds every whole number up to this one exactly. */
  private static final BigDecimal MAX_EXACT = BigDecimal.valueOf(1L << 53);

  private static final Pattern CAPITAL = Pattern.compile("[A-Z]");

  private final Node node;
  private final String what;
  private final Map<String, Node> fields = new LinkedHashMap<>();

  private YamlFields(Node node, String what) {
    this.node = node;
    this.what = what;
  }

  /**
   * Reads the fields of a mapping.
   *
   * @param what description for messages, such as "a task"
   * @param known the allowed fields
   */
  static YamlFields of(Node node, String what, Set<String> known) throws ParseException {
    if (!(node instanceof MappingNode mapping)) {
      throw error(node, what + " must be a mapping of " + new TreeSet<>(known));
    }
    YamlFields fields = new YamlFields(node, what);
    for (NodeTuple tuple : mapping.getValue()) {
      String written = tuple.getKeyNode() instanceof ScalarNode key ? key.getValue() : "";
      String name =
          CAPITAL.matcher(written).replaceAll(m -> "_" + m.group().toLowerCase(Locale.ROOT));
      if (!known.contains(name)) {
        throw error(
            tuple.getKeyNode(),
            "%s has no field \"%s\"; it has %s".formatted(what, written, new TreeSet<>(known)));
      }
      if (fields.fields.put(name, tuple.getValueNode()) != null) {
        throw error(tuple.getKeyNode(), name + " is set twice");
      }
    }
    return fields;
  }

  /**
   * Returns the value of a key of a mapping; empty if the node is no mapping or has no such key.
   */
  static Optional<Node> find(Node node, String name) {
    return node instanceof MappingNode mapping
        ? mapping.getValue().stream()
            .filter(
                tuple ->
                    tuple.getKeyNode() instanceof ScalarNode key && name.equals(key.getValue()))
            .map(NodeTuple::getValueNode)
            .findFirst()
        : Optional.empty();
  }

  /** Returns an error at the position of a node. */
  static ParseException error(Node node, String problem) {
    return error(node.getStartMark(), problem);
  }

  static ParseException error(Optional<Mark> mark, String problem) {
    String place =
        mark.map(at -> "line %d, column %d: ".formatted(at.getLine() + 1, at.getColumn() + 1))
            .orElse("");
    return new ParseException(place + problem, mark.map(Mark::getLine).orElse(-1) + 1);
  }

  /** Returns an error at the position of a field, or of the mapping if the field is missing. */
  ParseException error(String name, String problem) {
    @Nullable Node field = fields.get(name);
    return field == null
        ? error(node, "%s needs the field %s, which %s".formatted(what, name, problem))
        : error(field, name + " " + problem);
  }

  /** Returns a string; empty if it is missing. */
  String text(String name, int longest) throws ParseException {
    @Nullable Node field = fields.get(name);
    if (field == null) {
      return "";
    }
    if (!(field instanceof ScalarNode scalar) || scalar.getTag().equals(Tag.NULL)) {
      throw error(name, "must be a string");
    }
    FieldChecks violations = new FieldChecks();
    violations.line(name, scalar.getValue(), longest);
    requireNone(name, violations);
    return scalar.getValue();
  }

  /** Returns a required string that matches a pattern. */
  String matching(String name, Pattern pattern, String rule) throws ParseException {
    String text = fields.containsKey(name) ? text(name, Integer.MAX_VALUE) : "";
    if (!pattern.matcher(text).matches()) {
      throw error(name, rule);
    }
    return text;
  }

  /** Returns a required string that passes a check that jobs must pass too. */
  String passing(String name, BiConsumer<FieldChecks, String> check) throws ParseException {
    String text = text(name, Integer.MAX_VALUE);
    FieldChecks violations = new FieldChecks();
    check.accept(violations, text);
    requireNone(name, violations);
    return text;
  }

  private void requireNone(String name, FieldChecks violations) throws ParseException {
    try {
      violations.orThrow();
    } catch (Refusal.InvalidArgument e) {
      throw error(name, e.violations().get(0).description());
    }
  }

  /** Returns a boolean; false if it is missing. */
  boolean flag(String name) throws ParseException {
    @Nullable Node field = fields.get(name);
    if (field == null) {
      return false;
    }
    if (field instanceof ScalarNode scalar && scalar.getTag().equals(Tag.BOOL)) {
      return Boolean.parseBoolean(scalar.getValue());
    }
    throw error(name, "must be true or false");
  }

  /** Returns an integer; empty if it is missing. */
  OptionalInt number(String name, int least, int most) throws ParseException {
    @Nullable Node field = fields.get(name);
    if (field == null) {
      return OptionalInt.empty();
    }
    try {
      if (field instanceof ScalarNode scalar && scalar.getTag().equals(Tag.INT)) {
        int number = Integer.parseInt(scalar.getValue());
        if (number >= least && number <= most) {
          return OptionalInt.of(number);
        }
      }
    } catch (NumberFormatException e) {
      // Too large for any range: reported below.
    }
    throw error(name, "must be a whole number, " + least + " to " + most);
  }

  /**
   * Returns a required list with at least one element, or a mapping with at least one key, whose
   * elements have the keys as their names.
   */
  List<YamlEntry> entries(String name, int most) throws ParseException {
    @Nullable Node field = fields.get(name);
    List<YamlEntry> entries = field == null ? List.of() : YamlEntry.of(field);
    if (entries.isEmpty() || entries.size() > most) {
      throw error(name, "must be a list or a mapping of 1 to " + most);
    }
    return entries;
  }

  /** Whether a field is set. */
  boolean has(String name) {
    return fields.containsKey(name);
  }

  /** Returns a mapping; empty if it is missing. */
  Optional<Struct> struct(String name, int mostBytes) throws ParseException {
    @Nullable Node field = fields.get(name);
    if (field == null) {
      return Optional.empty();
    }
    if (!(field instanceof MappingNode mapping)) {
      throw error(name, "must be a mapping");
    }
    Struct struct = struct(mapping);
    FieldChecks violations = new FieldChecks();
    StructLimits.check(violations, name, struct, mostBytes);
    requireNone(name, violations);
    return Optional.of(struct);
  }

  private static Struct struct(MappingNode mapping) throws ParseException {
    Struct.Builder struct = Struct.newBuilder();
    for (NodeTuple tuple : mapping.getValue()) {
      if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
        throw error(tuple.getKeyNode(), "a key must be a string");
      }
      struct.putFields(key.getValue(), value(tuple.getValueNode()));
    }
    return struct.build();
  }

  private static Value value(Node node) throws ParseException {
    if (node.isRecursive()) {
      throw error(node, "must not contain itself");
    }
    Value.Builder value = Value.newBuilder();
    if (node instanceof MappingNode mapping) {
      return value.setStructValue(struct(mapping)).build();
    }
    if (node instanceof SequenceNode sequence) {
      ListValue.Builder list = ListValue.newBuilder();
      for (Node element : sequence.getValue()) {
        list.addValues(value(element));
      }
      return value.setListValue(list).build();
    }
    if (!(node instanceof ScalarNode scalar)) {
      throw error(node, "cannot be used here");
    }
    Tag tag = scalar.getTag();
    if (tag.equals(Tag.NULL)) {
      return value.setNullValue(NullValue.NULL_VALUE).build();
    }
    if (tag.equals(Tag.BOOL)) {
      return value.setBoolValue(Boolean.parseBoolean(scalar.getValue())).build();
    }
    if (tag.equals(Tag.INT) || tag.equals(Tag.FLOAT)) {
      try {
        BigDecimal number = new BigDecimal(scalar.getValue());
        if (tag.equals(Tag.INT) && number.abs().compareTo(MAX_EXACT) > 0) {
          throw error(node, "must be between -2^53 and 2^53 to stay exact: quote it");
        }
        return value.setNumberValue(number.doubleValue()).build();
      } catch (NumberFormatException e) {
        throw error(node, "must be a decimal number: quote it if it is a string");
      }
    }
    return value.setStringValue(scalar.getValue()).build();
  }
}
