package dev.milepost.server.job;

import com.google.protobuf.FieldMask;
import dev.milepost.v1.JobSpec;
import java.util.ArrayList;
import java.util.List;

/** The mask of an update: which fields of a job's spec it sets. */
final class UpdateMask {
  /** Fields of the spec that an update may name, in the order in which errors list them. */
  static final List<String> MUTABLE =
      List.of("labels", "metadata", "priority", "display_name", "expire_time", "webhook");

  /** Start of the path of one label; the rest is its key. */
  static final String LABEL = "labels.";

  /** Start of the path of one entry of the metadata; the rest is its key. */
  static final String METADATA_ENTRY = "metadata.";

  private static final int MAX_PATHS = 200;

  private UpdateMask() {}

  /** Checks the mask of a request. */
  static void check(FieldChecks violations, JobSpec spec, FieldMask mask) {
    violations.count("update_mask", mask.getPathsCount(), MAX_PATHS);
    violations.check(
        mask.getPathsList().stream().allMatch(UpdateMask::isKnown),
        "update_mask",
        "must name only "
            + String.join(", ", MUTABLE)
            + ", or an entry of labels or metadata such as labels.a");
    violations.check(
        !paths(spec, mask).isEmpty(),
        "update_mask",
        "must name at least one field, or be left out if the spec sets a field that can be"
            + " changed");
  }

  private static boolean isKnown(String path) {
    return MUTABLE.contains(path)
        || (path.startsWith(LABEL) && path.length() > LABEL.length())
        || (path.startsWith(METADATA_ENTRY) && path.length() > METADATA_ENTRY.length());
  }

  /** Returns the paths of a mask; if it has none, those of the mutable fields that are set. */
  static List<String> paths(JobSpec spec, FieldMask mask) {
    if (mask.getPathsCount() > 0) {
      return mask.getPathsList();
    }
    List<String> set = new ArrayList<>();
    addIf(set, spec.getLabelsCount() > 0, "labels");
    addIf(set, spec.hasMetadata(), "metadata");
    addIf(set, spec.hasPriority(), "priority");
    addIf(set, !spec.getDisplayName().isEmpty(), "display_name");
    addIf(set, spec.hasExpireTime(), "expire_time");
    addIf(set, spec.hasWebhook(), "webhook");
    return set;
  }

  private static void addIf(List<String> paths, boolean isSet, String path) {
    if (isSet) {
      paths.add(path);
    }
  }
}
