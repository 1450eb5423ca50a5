package dev.milepost.server.task;

import java.text.ParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/**
 * An element of a list in a YAML file, or the value of a key in a mapping.
 *
 * @param key the key; empty for an element of a list
 * @param value the element or value
 */
record YamlEntry(Optional<String> key, Node value) {
  /** Returns the elements of a list or the entries of a mapping; none of any other node. */
  static List<YamlEntry> of(Node node) throws ParseException {
    List<YamlEntry> entries = new ArrayList<>();
    if (node instanceof SequenceNode sequence) {
      for (Node element : sequence.getValue()) {
        entries.add(new YamlEntry(Optional.empty(), element));
      }
    } else if (node instanceof MappingNode mapping) {
      for (NodeTuple tuple : mapping.getValue()) {
        if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
          throw YamlFields.error(tuple.getKeyNode(), "a key must be a string");
        }
        entries.add(new YamlEntry(Optional.of(key.getValue()), tuple.getValueNode()));
      }
    }
    return entries;
  }
}
