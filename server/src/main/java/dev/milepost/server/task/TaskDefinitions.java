package dev.milepost.server.task;

import dev.milepost.v1.TaskDefinition;
import java.text.ParseException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/** The definitions that tasks can be started from, by name. Immutable. */
public final class TaskDefinitions {
  /** No definitions. */
  public static final TaskDefinitions NONE = new TaskDefinitions(List.of());

  private final TreeMap<String, TaskDefinition> byName = new TreeMap<>();

  /** Creates a set of definitions, whose names must differ. */
  TaskDefinitions(List<TaskDefinition> definitions) {
    definitions.forEach(definition -> byName.put(definition.getName(), definition));
  }

  /**
   * Reads definitions from YAML, or from JSON, which is YAML too.
   *
   * @throws ParseException if the text is invalid; the message starts with line and column, and
   *     names the field
   */
  public static TaskDefinitions parse(String text) throws ParseException {
    return new TaskDefinitions(TaskFileParser.parse(text));
  }

  /** Returns a definition by its name. */
  public Optional<TaskDefinition> get(String name) {
    return Optional.ofNullable(byName.get(name));
  }

  /** Returns all definitions, sorted by name. */
  public Collection<TaskDefinition> all() {
    return List.copyOf(byName.values());
  }
}
