package dev.milepost.server.store.sql;

import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.ClaimQuery;
import dev.milepost.v1.JobScope;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Finds the jobs that a claim takes. The index holds one lane for each tenant, type and scope, best
 * job first. A claim merges the heads of its lanes, so its cost depends on the number of lanes and
 * not on the number of waiting jobs.
 */
public final class ClaimIndex {
  // Two queries: one for (type, scope) > (?, ?) would scan the whole lane that it starts from.
  private static final String NEXT_SCOPE =
      """
      SELECT type, scope FROM job %s
      WHERE ready = 1 AND tenant_id = ? AND type = ? AND scope > ? ORDER BY scope LIMIT 1
      """;
  private static final String NEXT_TYPE =
      """
      SELECT type, scope FROM job %s
      WHERE ready = 1 AND tenant_id = ? AND type > ? ORDER BY type, scope LIMIT 1
      """;
  private static final String HEAD =
      """
      SELECT priority, job_no FROM job %s
      WHERE ready = 1 AND tenant_id = ? AND type = ? AND scope = ? AND priority BETWEEN ? AND ?
      ORDER BY priority DESC, job_no LIMIT ?
      """;
  private static final String FIRST =
      """
      SELECT priority, id FROM job %s
      WHERE ready = 1 AND tenant_id = ? AND type = ? AND scope = ? AND priority <= ?
      ORDER BY priority DESC, job_no LIMIT ?
      """;
  private static final String ID = "SELECT id FROM job WHERE job_no = ?";
  private static final Set<JobScope> ALL_SCOPES =
      Set.of(JobScope.JOB_SCOPE_PROJECT, JobScope.JOB_SCOPE_ITEM_SET, JobScope.JOB_SCOPE_GLOBAL);
  private static final Comparator<Waiting> BEST_FIRST =
      Comparator.comparingInt(Waiting::priority).reversed().thenComparingLong(Waiting::number);

  private final Statements sql;

  private record Lane(String type, int scope) {}

  private record Waiting(int priority, long number) {}

  /** An index on this connection. */
  public ClaimIndex(Statements sql) {
    this.sql = sql;
  }

  /** Returns the best jobs that a claim may take. */
  public List<JobKey> best(ClaimQuery query) throws SQLException {
    List<JobKey> best = new ArrayList<>();
    for (long number : bestNumbers(query, query.limit())) {
      best.add(new JobKey(query.tenantId(), id(number)));
    }
    return best;
  }

  /** Returns the numbers of the best jobs that a claim may take, {@code limit} at most. */
  public List<Long> bestNumbers(ClaimQuery query, int limit) throws SQLException {
    List<Waiting> heads = new ArrayList<>();
    for (Lane lane : lanes(query)) {
      addHead(heads, lane, query, limit);
    }
    heads.sort(BEST_FIRST);
    return heads.stream().limit(limit).map(Waiting::number).toList();
  }

  /** Returns the first jobs of each lane and priority, as far as the limits of a read allow. */
  List<JobKey> first(String tenantId) throws SQLException {
    List<JobKey> first = new ArrayList<>();
    int reads = 0;
    for (Lane lane : waitingLanes(tenantId, ClaimQuery.MAX_FIRST_OF)) {
      int maxPriority = Integer.MAX_VALUE;
      int found = ClaimQuery.FIRST_OF_EACH;
      while (found == ClaimQuery.FIRST_OF_EACH && reads < ClaimQuery.MAX_FIRST_OF) {
        found = 0;
        reads++;
        PreparedStatement next =
            of(FIRST, tenantId, lane.type(), lane.scope(), maxPriority, ClaimQuery.FIRST_OF_EACH);
        try (ResultSet row = next.executeQuery()) {
          while (row.next()) {
            found++;
            // What follows the last one may have its priority. It is not a first job then.
            maxPriority = row.getInt(1) - 1;
            first.add(new JobKey(tenantId, row.getString(2)));
          }
        }
      }
    }
    return first;
  }

  private PreparedStatement of(String query, Object... values) throws SQLException {
    return sql.of(query.formatted(sql.dialect().index("job_to_claim")), values);
  }

  private List<Lane> lanes(ClaimQuery query) throws SQLException {
    Set<JobScope> scopes = query.scopes().isEmpty() ? ALL_SCOPES : query.scopes();
    if (query.types().isEmpty()) {
      return waitingLanes(query.tenantId(), Integer.MAX_VALUE).stream()
          .filter(lane -> scopes.contains(JobScope.forNumber(lane.scope())))
          .toList();
    }
    return query.types().stream()
        .flatMap(type -> scopes.stream().map(scope -> new Lane(type, scope.getNumber())))
        .toList();
  }

  /** Returns lanes that are not empty, with at most two index lookups for each. */
  private List<Lane> waitingLanes(String tenantId, int limit) throws SQLException {
    List<Lane> lanes = new ArrayList<>();
    Optional<Lane> next = nextType(tenantId, "");
    while (next.isPresent() && lanes.size() < limit) {
      Lane lane = next.get();
      lanes.add(lane);
      next = nextScope(tenantId, lane);
      if (next.isEmpty()) {
        next = nextType(tenantId, lane.type());
      }
    }
    return lanes;
  }

  private Optional<Lane> nextScope(String tenantId, Lane lane) throws SQLException {
    return lane(of(NEXT_SCOPE, tenantId, lane.type(), lane.scope()));
  }

  private Optional<Lane> nextType(String tenantId, String type) throws SQLException {
    return lane(of(NEXT_TYPE, tenantId, type));
  }

  private static Optional<Lane> lane(PreparedStatement next) throws SQLException {
    try (ResultSet row = next.executeQuery()) {
      return row.next() ? Optional.of(new Lane(row.getString(1), row.getInt(2))) : Optional.empty();
    }
  }

  private void addHead(List<Waiting> heads, Lane lane, ClaimQuery query, int limit)
      throws SQLException {
    PreparedStatement head =
        of(
            HEAD,
            query.tenantId(),
            lane.type(),
            lane.scope(),
            query.minPriority(),
            query.maxPriority(),
            limit);
    try (ResultSet row = head.executeQuery()) {
      while (row.next()) {
        heads.add(new Waiting(row.getInt(1), row.getLong(2)));
      }
    }
  }

  private String id(long number) throws SQLException {
    try (ResultSet row = sql.of(ID, number).executeQuery()) {
      row.next();
      return row.getString(1);
    }
  }
}
