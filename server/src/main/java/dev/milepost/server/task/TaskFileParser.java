package dev.milepost.server.task;

import dev.milepost.server.job.JobValidation;
import dev.milepost.v1.JobScope;
import dev.milepost.v1.TaskDefinition;
import dev.milepost.v1.TaskStepDefinition;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;

/**
 * Parses a file of task definitions; errors name line and column. Tasks and steps may be lists of
 * mappings with a name, or mappings by name.
 */
final class TaskFileParser {
  private static final int MAX_DEFINITIONS = 1_000;
  private static final int MAX_STEPS = 100;
  private static final int MAX_DISPLAY_NAME = 256;
  private static final int MAX_PARAMS_BYTES = 64 * 1024;
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");
  private static final String NAME_RULE =
      "must be 1 to 100 characters from A-Z a-z 0-9 . _ -, starting with a letter or digit";
  private static final Pattern STEP = Pattern.compile(".{1,64}");
  private static final String STEP_RULE = "must be 1 to 64 characters";

  /** Leaves room for a number in the name of a step. */
  private static final int MAX_TYPE_IN_NAME = 60;

  private TaskFileParser() {}

  static List<TaskDefinition> parse(String text) throws ParseException {
    Optional<Node> root = compose(text);
    if (root.isEmpty()) {
      return List.of();
    }
    List<TaskDefinition> definitions = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (YamlEntry entry : tasks(root.get())) {
      TaskDefinition definition = definition(entry);
      if (!names.add(definition.getName())) {
        throw YamlFields.error(
            entry.value(), "a task named " + definition.getName() + " is defined above");
      }
      definitions.add(definition);
    }
    return definitions;
  }

  /**
   * Returns what is below {@code tasks}, or everything if the file has only tasks by their names.
   */
  private static List<YamlEntry> tasks(Node root) throws ParseException {
    if (root instanceof MappingNode && YamlFields.find(root, "tasks").isEmpty()) {
      List<YamlEntry> entries = YamlEntry.of(root);
      if (entries.size() <= MAX_DEFINITIONS
          && entries.stream().allMatch(e -> YamlFields.find(e.value(), "steps").isPresent())) {
        return entries;
      }
    }
    return YamlFields.of(root, "the file", Set.of("tasks")).entries("tasks", MAX_DEFINITIONS);
  }

  private static Optional<Node> compose(String text) throws ParseException {
    try {
      LoadSettings settings =
          LoadSettings.builder().setLabel("tasks").setAllowDuplicateKeys(false).build();
      return new Compose(settings).composeString(text);
    } catch (MarkedYamlEngineException e) {
      throw YamlFields.error(e.getProblemMark(), e.getProblem());
    } catch (YamlEngineException e) {
      throw YamlFields.error(Optional.<Mark>empty(), String.valueOf(e.getMessage()));
    }
  }

  private static TaskDefinition definition(YamlEntry entry) throws ParseException {
    YamlFields fields =
        YamlFields.of(
            entry.value(),
            "a task",
            Set.of("name", "display_name", "user_relevant", "scope", "steps"));
    TaskDefinition.Builder definition =
        TaskDefinition.newBuilder()
            .setDisplayName(fields.text("display_name", MAX_DISPLAY_NAME))
            .setUserRelevant(fields.flag("user_relevant"))
            .setScope(scope(fields));
    name(entry, fields, definition);
    Set<String> names = new HashSet<>();
    int bytes = 0;
    for (YamlEntry step : fields.entries("steps", MAX_STEPS)) {
      TaskStepDefinition read = step(step, names);
      if (!names.add(read.getName())) {
        throw YamlFields.error(
            step.value(), "a step named " + read.getName() + " is defined above");
      }
      definition.addSteps(read);
      bytes += read.getParams().getSerializedSize();
      if (bytes > MAX_PARAMS_BYTES) {
        throw YamlFields.error(
            step.value(),
            "the params of all steps together must be at most "
                + MAX_PARAMS_BYTES
                + " bytes when encoded");
      }
    }
    return definition.build();
  }

  /** In a mapping, the key is the name; a field {@code name} then is what people call the task. */
  private static void name(YamlEntry entry, YamlFields fields, TaskDefinition.Builder definition)
      throws ParseException {
    if (entry.key().isEmpty()) {
      definition.setName(fields.matching("name", NAME, NAME_RULE));
      return;
    }
    String key = entry.key().get();
    if (!NAME.matcher(key).matches()) {
      throw YamlFields.error(entry.value(), "the name \"" + key + "\" " + NAME_RULE);
    }
    definition.setName(key);
    String name = fields.text("name", MAX_DISPLAY_NAME);
    if (name.isEmpty() || name.equals(key)) {
      return;
    }
    if (fields.has("display_name")) {
      throw fields.error("name", "must be " + key + ", the key of the task, or left out");
    }
    definition.setDisplayName(name);
  }

  /** Returns the scope; unspecified if there is none: it is detected when a task starts. */
  private static JobScope scope(YamlFields fields) throws ParseException {
    if (!fields.has("scope")) {
      return JobScope.JOB_SCOPE_UNSPECIFIED;
    }
    return switch (fields.text("scope", MAX_DISPLAY_NAME).toLowerCase(Locale.ROOT)) {
      case "project" -> JobScope.JOB_SCOPE_PROJECT;
      case "item_set", "photo_set" -> JobScope.JOB_SCOPE_ITEM_SET;
      case "global" -> JobScope.JOB_SCOPE_GLOBAL;
      default -> throw fields.error("scope", "must be PROJECT, ITEM_SET or GLOBAL");
    };
  }

  private static TaskStepDefinition step(YamlEntry entry, Set<String> names) throws ParseException {
    YamlFields fields =
        YamlFields.of(
            entry.value(),
            "a step",
            Set.of("name", "type", "display_name", "priority", "params", "max_retries"));
    TaskStepDefinition.Builder step =
        TaskStepDefinition.newBuilder()
            .setType(
                fields.passing(
                    "type", (violations, type) -> JobValidation.type(violations, "type", type)))
            .setDisplayName(fields.text("display_name", MAX_DISPLAY_NAME));
    step.setName(stepName(entry, fields, step.getType(), names));
    fields.number("priority", 0, 100).ifPresent(step::setPriority);
    fields.number("max_retries", 0, 100).ifPresent(step::setMaxRetries);
    fields.struct("params", MAX_PARAMS_BYTES).ifPresent(step::setParams);
    return step.build();
  }

  /** A step without a name is named after its type, with a number if a step has that name. */
  private static String stepName(YamlEntry entry, YamlFields fields, String type, Set<String> names)
      throws ParseException {
    if (entry.key().isPresent() && !fields.has("name")) {
      String key = entry.key().get();
      if (!STEP.matcher(key).matches()) {
        throw YamlFields.error(entry.value(), "the name of a step " + STEP_RULE);
      }
      return key;
    }
    if (fields.has("name")) {
      return fields.matching("name", STEP, STEP_RULE);
    }
    String base = type.substring(0, Math.min(type.length(), MAX_TYPE_IN_NAME));
    String name = base;
    for (int number = 2; names.contains(name); number++) {
      name = base + "-" + number;
    }
    return name;
  }
}
