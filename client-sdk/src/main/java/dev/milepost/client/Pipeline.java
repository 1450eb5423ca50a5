package dev.milepost.client;

/**
 * Named, weighted sub-operations of a job, from which the server derives its overall progress. At
 * most 100. Thread-safe; changes are sent with the next report.
 */
public interface Pipeline {
  /**
   * Adds a pending sub-operation of weight 1.
   *
   * @return this
   * @throws IllegalArgumentException if the id is taken or not 1 to 64 characters long, or if there
   *     are 100 sub-operations already
   */
  default Pipeline add(String id, String displayName) {
    return add(id, displayName, 1);
  }

  /**
   * Adds a pending sub-operation.
   *
   * @param id 1 to 64 characters
   * @param displayName name shown to people, at most 256 characters
   * @param weight share of the whole, relative to the other weights; greater than 0, at most 1e9
   * @return this
   * @throws IllegalArgumentException if the id is taken or not 1 to 64 characters long, if the
   *     weight is out of range, or if there are 100 sub-operations already
   */
  Pipeline add(String id, String displayName, double weight);

  /**
   * Sets the completed fraction of a sub-operation. It is running from then on, even at 1.0, until
   * it is completed or failed.
   *
   * @param fraction 0.0 to 1.0; values outside are clamped
   * @throws IllegalArgumentException if the id is unknown or the fraction is NaN
   */
  void update(String id, double fraction);

  /**
   * Marks a sub-operation as done.
   *
   * @throws IllegalArgumentException if the id is unknown
   */
  void complete(String id);

  /**
   * Marks a sub-operation as failed; its fraction stays.
   *
   * @throws IllegalArgumentException if the id is unknown
   */
  void fail(String id);
}
