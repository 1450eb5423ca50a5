package dev.milepost.client;

/**
 * The limits that every server has, whatever its settings. Bytes are those of the encoded message,
 * which {@link Payloads#bytes} counts; characters are Unicode code points.
 */
public final class JobLimits {
  /** Maximum size of a job's params. */
  public static final int MAX_PARAMS_BYTES = 262_144;

  /** Maximum size of a job's metadata. */
  public static final int MAX_METADATA_BYTES = 65_536;

  /** Maximum size of a checkpoint. */
  public static final int MAX_CHECKPOINT_BYTES = 65_536;

  /** Maximum size of a job's result. */
  public static final int MAX_RESULT_BYTES = 65_536;

  /** Maximum size of the details of a failure. */
  public static final int MAX_ERROR_DETAILS_BYTES = 16_384;

  /** Maximum size of the context of a log line. */
  public static final int MAX_LOG_CONTEXT_BYTES = 16_384;

  /** Maximum size of the data of an item. */
  public static final int MAX_ITEM_DATA_BYTES = 16_384;

  /** Maximum number of maps and lists inside each other, the outermost map included. */
  public static final int MAX_DEPTH = 30;

  /** Maximum number of items of a job; a batch has any number. */
  public static final int MAX_ITEMS = 2_000;

  /** Maximum length of an item's id. */
  public static final int MAX_ITEM_ID_CHARS = 256;

  /** Maximum length of an item's message. */
  public static final int MAX_ITEM_MESSAGE_CHARS = 4_096;

  /** Maximum length of a job's type. */
  public static final int MAX_TYPE_CHARS = 128;

  /** Maximum length of a display name. */
  public static final int MAX_DISPLAY_NAME_CHARS = 256;

  /** Maximum number of labels of a job. */
  public static final int MAX_LABELS = 64;

  /** Maximum length of a label's key. */
  public static final int MAX_LABEL_KEY_CHARS = 63;

  /** Maximum length of a label's value. */
  public static final int MAX_LABEL_VALUE_CHARS = 256;

  /** Highest priority; the lowest is 0. */
  public static final int MAX_PRIORITY = 100;

  /** Maximum number of automatic retries. */
  public static final int MAX_RETRIES = 100;

  /** Maximum length of a log line; the client splits longer ones. */
  public static final int MAX_LOG_MESSAGE_CHARS = 16_384;

  /** Maximum length of the name of a stage. */
  public static final int MAX_STAGE_CHARS = 256;

  /** Maximum length of the detail of a stage. */
  public static final int MAX_STAGE_DETAIL_CHARS = 1_024;

  /** Maximum length of the unit of the progress. */
  public static final int MAX_UNIT_CHARS = 64;

  /** Maximum length of the message of the progress. */
  public static final int MAX_PROGRESS_MESSAGE_CHARS = 1_024;

  /** Maximum number of sub-operations of a pipeline. */
  public static final int MAX_SUB_OPERATIONS = 100;

  /** Maximum number of counters of an outcome. */
  public static final int MAX_COUNTERS = 64;

  /** Maximum length of the name of a counter. */
  public static final int MAX_COUNTER_CHARS = 64;

  private JobLimits() {}
}
