package dev.milepost.server.task;

import dev.milepost.server.job.JobValidation;
import dev.milepost.v1.JobScope;
import dev.milepost.v1.TaskDefinition;
import dev.milepost.v1.TaskStepDefinition;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;

/** Parses a file of task definitions; errors name line and column. */
final class TaskFileParser {
  private static final int MAX_DEFINITIONS = 1_000;
  private static final int MAX_STEPS = 100;
  private static final int MAX_DISPLAY_NAME = 256;
  private static final int MAX_PARAMS_BYTES = 64 * 1024;
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");
  private static final Pattern STEP = Pattern.compile(".{1,64}");

  private TaskFileParser() {}

  static List<TaskDefinition> parse(String text) throws ParseException {
    Optional<Node> root = compose(text);
    if (root.isEmpty()) {
      return List.of();
    }
    YamlFields file = YamlFields.of(root.get(), "the file", Set.of("tasks"));
    List<TaskDefinition> definitions = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (Node node : file.list("tasks", MAX_DEFINITIONS)) {
      TaskDefinition definition = definition(node);
      if (!names.add(definition.getName())) {
        throw YamlFields.error(node, "a task named " + definition.getName() + " is defined above");
      }
      definitions.add(definition);
    }
    return definitions;
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

  private static TaskDefinition definition(Node node) throws ParseException {
    YamlFields fields =
        YamlFields.of(
            node, "a task", Set.of("name", "display_name", "user_relevant", "scope", "steps"));
    TaskDefinition.Builder definition =
        TaskDefinition.newBuilder()
            .setName(
                fields.matching(
                    "name",
                    NAME,
                    "must be 1 to 100 characters from A-Z a-z 0-9 . _ -, starting with a letter"
                        + " or digit"))
            .setDisplayName(fields.text("display_name", MAX_DISPLAY_NAME))
            .setUserRelevant(fields.flag("user_relevant"))
            .setScope(scope(fields));
    Set<String> names = new HashSet<>();
    int bytes = 0;
    for (Node step : fields.list("steps", MAX_STEPS)) {
      TaskStepDefinition read = step(step);
      if (!names.add(read.getName())) {
        throw YamlFields.error(step, "a step named " + read.getName() + " is defined above");
      }
      definition.addSteps(read);
      bytes += read.getParams().getSerializedSize();
      if (bytes > MAX_PARAMS_BYTES) {
        throw YamlFields.error(
            step,
            "the params of all steps together must be at most "
                + MAX_PARAMS_BYTES
                + " bytes when encoded");
      }
    }
    return definition.build();
  }

  private static JobScope scope(YamlFields fields) throws ParseException {
    String scope = fields.text("scope", MAX_DISPLAY_NAME);
    return switch (scope) {
      case "PROJECT" -> JobScope.JOB_SCOPE_PROJECT;
      case "ITEM_SET" -> JobScope.JOB_SCOPE_ITEM_SET;
      case "GLOBAL" -> JobScope.JOB_SCOPE_GLOBAL;
      default -> throw fields.error("scope", "must be PROJECT, ITEM_SET or GLOBAL");
    };
  }

  private static TaskStepDefinition step(Node node) throws ParseException {
    YamlFields fields =
        YamlFields.of(
            node,
            "a step",
            Set.of("name", "type", "display_name", "priority", "params", "max_retries"));
    TaskStepDefinition.Builder step =
        TaskStepDefinition.newBuilder()
            .setName(fields.matching("name", STEP, "must be 1 to 64 characters"))
            .setType(
                fields.passing(
                    "type", (violations, type) -> JobValidation.type(violations, "type", type)))
            .setDisplayName(fields.text("display_name", MAX_DISPLAY_NAME));
    fields.number("priority", 0, 100).ifPresent(step::setPriority);
    fields.number("max_retries", 0, 100).ifPresent(step::setMaxRetries);
    fields.struct("params", MAX_PARAMS_BYTES).ifPresent(step::setParams);
    return step.build();
  }
}
