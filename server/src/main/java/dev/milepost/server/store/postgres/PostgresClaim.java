package dev.milepost.server.store.postgres;

import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.ClaimQuery;
import dev.milepost.server.store.sql.ClaimIndex;
import dev.milepost.server.store.sql.Rows;
import dev.milepost.server.store.sql.Statements;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds and locks the jobs of one claim. It locks exactly those that the claim takes: a job that is
 * locked and left would be invisible to the claims of other servers, and nothing would notify them
 * of it afterwards. Used once, by the writer.
 */
final class PostgresClaim {
  /** Skips jobs that another server is about to claim. */
  private static final String LOCK =
      """
      SELECT id, job_no FROM job WHERE job_no = ANY (?) AND ready = 1
      ORDER BY priority DESC, job_no LIMIT ? FOR UPDATE SKIP LOCKED
      """;

  /** Reads the sizes only, not the values. */
  private static final String SIZES =
      "SELECT job_no, octet_length(record) + octet_length("
          + Rows.SPEC
          + ") FROM job WHERE job_no = ANY (?)";

  /** What a record has beside its record and spec as they are stored. */
  private static final int FRAME_BYTES = 16;

  /** How often a claim widens its search if other servers hold the jobs it found. */
  private static final int MAX_READS = 4;

  private final Statements sql;
  private final ClaimQuery query;
  private final Set<Long> tried = new HashSet<>();
  private final List<JobKey> locked = new ArrayList<>();
  private long bytesLeft;

  /** A claim on this connection. */
  PostgresClaim(Statements sql, ClaimQuery query) {
    this.sql = sql;
    this.query = query;
    this.bytesLeft = query.maxBytes();
  }

  /** Returns the best jobs that are free, and locks them until the end of the transaction. */
  List<JobKey> lock(ClaimIndex index) throws SQLException {
    int wanted = query.limit();
    for (int reads = 0; reads < MAX_READS; reads++) {
      List<Long> best = index.bestNumbers(query, wanted);
      boolean isFull = lock(best.stream().filter(number -> !tried.contains(number)).toList());
      if (isFull || best.size() < wanted) {
        break;
      }
      // Other servers hold some of them: try the next best as well.
      wanted = 2 * wanted + 10;
    }
    return locked;
  }

  /** Locks what fits; returns whether the claim has enough. */
  private boolean lock(List<Long> best) throws SQLException {
    boolean alwaysFits = locked.isEmpty() && (query.limit() == 1 || best.size() <= 1);
    Map<Long, Long> weights = alwaysFits ? Map.of() : weights(best);
    int begin = 0;
    while (begin < best.size()) {
      int end = begin + fitting(best.subList(begin, best.size()), weights);
      if (end == begin) {
        return true;
      }
      lockSome(best.subList(begin, end), weights);
      if (locked.size() == query.limit()) {
        return true;
      }
      begin = end;
    }
    return false;
  }

  /**
   * Returns from how many of the next best jobs the claim may lock as many as it has room for: all
   * of them, unless together they could weigh too much.
   */
  private int fitting(List<Long> best, Map<Long, Long> weights) {
    long heaviest = best.stream().mapToLong(job -> weights.getOrDefault(job, 0L)).max().orElse(0);
    if (heaviest * (query.limit() - locked.size()) <= bytesLeft) {
      return best.size();
    }
    int count = 0;
    long bytes = 0;
    for (long number : best) {
      bytes += weights.getOrDefault(number, 0L);
      boolean isFirst = count == 0 && locked.isEmpty();
      if (bytes > bytesLeft && !isFirst) {
        break;
      }
      count++;
    }
    return count;
  }

  private void lockSome(List<Long> numbers, Map<Long, Long> weights) throws SQLException {
    tried.addAll(numbers);
    Array candidates = sql.connection().createArrayOf("bigint", numbers.toArray());
    int most = query.limit() - locked.size();
    try (ResultSet row = sql.of(LOCK, candidates, most).executeQuery()) {
      while (row.next()) {
        locked.add(new JobKey(query.tenantId(), row.getString(1)));
        bytesLeft -= weights.getOrDefault(row.getLong(2), 0L);
      }
    } finally {
      candidates.free();
    }
  }

  private Map<Long, Long> weights(List<Long> numbers) throws SQLException {
    Map<Long, Long> weights = new HashMap<>();
    Array wanted = sql.connection().createArrayOf("bigint", numbers.toArray());
    try (ResultSet row = sql.of(SIZES, wanted).executeQuery()) {
      while (row.next()) {
        weights.put(row.getLong(1), ClaimQuery.weight(row.getLong(2) + FRAME_BYTES));
      }
    } finally {
      wanted.free();
    }
    return weights;
  }
}
