package dev.milepost.server.app;

import dev.milepost.server.job.FieldChecks;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.Times;
import dev.milepost.v1.Job;
import java.util.Comparator;
import java.util.Locale;

/**
 * The order of a list: by one field, in the syntax of AIP-132. Jobs with equal fields are ordered
 * by tenant and id, so that every order is total.
 */
record JobOrder(Field field, boolean descending) {
  /** The default order. */
  static final JobOrder NEWEST_FIRST = new JobOrder(Field.CREATE_TIME, true);

  /** Fields that jobs can be ordered by. */
  enum Field {
    CREATE_TIME,
    UPDATE_TIME,
    END_TIME,
    PRIORITY,
    TYPE,
    STATE;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * Parses {@code order_by}: a field, optionally followed by {@code asc} (the default) or {@code
   * desc}.
   */
  static JobOrder parse(FieldChecks violations, String orderBy) {
    String[] words = orderBy.strip().split("\\s+");
    if (words.length == 1 && words[0].isEmpty()) {
      return NEWEST_FIRST;
    }
    boolean descending = words.length == 2 && words[1].equals("desc");
    if (words.length == 1 || descending || (words.length == 2 && words[1].equals("asc"))) {
      for (Field field : Field.values()) {
        if (field.toString().equals(words[0])) {
          return new JobOrder(field, descending);
        }
      }
    }
    violations.check(
        false,
        "order_by",
        "must be create_time, update_time, end_time, priority, type or state, optionally followed"
            + " by asc or desc");
    return NEWEST_FIRST;
  }

  /** Returns the position of a job in this order. */
  Place placeOf(Job job) {
    String text = field == Field.TYPE ? job.getSpec().getType() : "";
    return new Place(valueOf(job), text, job.getTenantId(), job.getId());
  }

  private long valueOf(Job job) {
    return switch (field) {
      case CREATE_TIME -> Times.micros(job.getCreateTime());
      case UPDATE_TIME -> Times.micros(job.getStatus().getUpdateTime());
      case PRIORITY -> job.getSpec().getPriority();
      case STATE -> job.getStatus().getStateValue();
      case TYPE -> 0;
      case END_TIME -> {
        if (job.getStatus().hasEndTime()) {
          yield Times.micros(job.getStatus().getEndTime());
        }
        // Unfinished jobs come last in either direction.
        yield descending ? Long.MIN_VALUE : Long.MAX_VALUE;
      }
    };
  }

  /** Returns a comparator that puts the first position first. */
  Comparator<Place> comparator() {
    Comparator<Place> byValue = Comparator.comparingLong(Place::value).thenComparing(Place::text);
    return (descending ? byValue.reversed() : byValue)
        .thenComparing(Place::tenantId)
        .thenComparing(Place::jobId);
  }

  /**
   * A position in an order: that of a job, whether the job still exists or not.
   *
   * @param value value of the field; 0 if it is a text
   * @param text value of the field, in one line; empty if it is a number
   */
  record Place(long value, String text, String tenantId, String jobId) {
    /** Parses the output of {@link #toString}. */
    static Place parse(String text) {
      String[] parts = text.split("\n", 4);
      return new Place(Long.parseLong(parts[0]), parts[1], parts[2], parts[3]);
    }

    /** Returns the key of the job. */
    JobKey key() {
      return new JobKey(tenantId, jobId);
    }

    @Override
    public String toString() {
      return value + "\n" + text + "\n" + tenantId + "\n" + jobId;
    }
  }
}
