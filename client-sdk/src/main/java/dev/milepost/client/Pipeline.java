package dev.milepost.client;

/**
 * Named, weighted parts of a job, from which the server derives the overall progress. At most 100.
 * Safe for use by several threads; sent with the next report.
 */
public interface Pipeline {
  /**
   * Adds a part of weight 1 that has not begun.
   *
   * @return this
   * @throws IllegalArgumentException where the id is taken or empty, or there are 100 parts
   */
  Pipeline add(String id, String title);

  /**
   * Adds a part that has not begun.
   *
   * @param id name for programs, 1 to 64 characters
   * @param title name for people, at most 256 characters
   * @param weight share in the whole beside the others, above 0
   * @return this
   * @throws IllegalArgumentException where the id is taken or empty, the weight is not above 0, or
   *     there are 100 parts
   */
  Pipeline add(String id, String title, double weight);

  /**
   * Says how much of a part is done. It runs from then on, even at 1.0, until it is completed or
   * failed.
   *
   * @param fraction 0.0 to 1.0; what lies outside is taken as the nearer end
   * @throws IllegalArgumentException where no such part was added, or the fraction is not a number
   */
  void update(String id, double fraction);

  /**
   * Says that a part went well.
   *
   * @throws IllegalArgumentException where no such part was added
   */
  void complete(String id);

  /**
   * Says that a part went badly; its fraction stays.
   *
   * @throws IllegalArgumentException where no such part was added
   */
  void fail(String id);
}
