package dev.milepost.server.access;

import static dev.milepost.server.access.Reach.ALL;
import static dev.milepost.server.access.Reach.NONE;
import static dev.milepost.server.access.Reach.OWN;
import static dev.milepost.server.access.Reach.TENANT;

import java.util.Arrays;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The permission that an RPC requires: a row of the table role x RPC. The only definition; {@code
 * docs/PERMISSIONS.md} is generated from it.
 *
 * @param method full name: {@code milepost.v1.JobService/GetJob}
 * @param subject what the RPC acts on
 * @param mutates whether it changes anything
 */
public record Permission(String method, Subject subject, boolean mutates) {
  private static final String JOBS = "milepost.v1.JobService/";
  private static final String WORK = "milepost.v1.WorkerService/";
  private static final String TASKS = "milepost.v1.TaskService/";
  private static final String ADMIN = "milepost.v1.AdminService/";
  private static final String OPERATIONS = "google.longrunning.Operations/";
  private static final String CHANNELZ = "grpc.channelz.v1.Channelz/";

  private static final Permission[] TABLE = {
    change(JOBS + "CreateJob", Subject.JOBS),
    change(JOBS + "CreateJobs", Subject.JOBS),
    read(JOBS + "GetJob", Subject.JOBS),
    read(JOBS + "ExplainJob", Subject.JOBS),
    read(JOBS + "BatchGetJobs", Subject.JOBS),
    read(JOBS + "ListJobs", Subject.JOBS),
    read(JOBS + "CountJobs", Subject.JOBS),
    change(JOBS + "UpdateJob", Subject.JOBS),
    change(JOBS + "CancelJob", Subject.JOBS),
    change(JOBS + "CancelJobs", Subject.JOBS),
    change(JOBS + "RetryJob", Subject.JOBS),
    change(JOBS + "RetryJobs", Subject.JOBS),
    change(JOBS + "DeleteJob", Subject.JOBS),
    change(JOBS + "DeleteJobs", Subject.JOBS),
    change(JOBS + "CleanupJobs", Subject.JOBS),
    read(JOBS + "WaitJob", Subject.JOBS),
    read(JOBS + "WatchJob", Subject.JOBS),
    read(JOBS + "WatchJobs", Subject.JOBS),
    read(JOBS + "ListJournal", Subject.JOBS),
    read(JOBS + "GetProgress", Subject.PROGRESS),
    read(JOBS + "WatchProgress", Subject.PROGRESS),
    change(JOBS + "ShareJob", Subject.JOBS),
    read(JOBS + "ListShares", Subject.JOBS),
    change(JOBS + "UnshareJob", Subject.JOBS),
    read(JOBS + "GetOutcome", Subject.JOBS),
    read(JOBS + "ListItems", Subject.ITEMS),
    change(JOBS + "RetryFailedItems", Subject.JOBS),
    read(JOBS + "GetCaller", Subject.CALLER),
    change(WORK + "ClaimJobs", Subject.QUEUE),
    change(WORK + "Report", Subject.ATTEMPTS),
    change(WORK + "ReportStream", Subject.ATTEMPTS),
    change(WORK + "Heartbeat", Subject.ATTEMPTS),
    change(WORK + "CompleteJob", Subject.ATTEMPTS),
    change(WORK + "FailJob", Subject.ATTEMPTS),
    change(WORK + "ConfirmCancel", Subject.ATTEMPTS),
    change(WORK + "ReleaseJob", Subject.ATTEMPTS),
    read(TASKS + "ListTaskDefinitions", Subject.DEFINITIONS),
    change(TASKS + "StartTask", Subject.JOBS),
    read(TASKS + "GetTask", Subject.JOBS),
    read(TASKS + "ListTasks", Subject.JOBS),
    change(TASKS + "CancelTask", Subject.JOBS),
    read(TASKS + "WatchTask", Subject.JOBS),
    read(ADMIN + "GetServerInfo", Subject.INFO),
    read(ADMIN + "GetStats", Subject.WORKERS),
    read(ADMIN + "WatchStats", Subject.JOBS),
    read(ADMIN + "ListWorkers", Subject.WORKERS),
    read(ADMIN + "ExportJobs", Subject.STORE),
    read(ADMIN + "BackupStore", Subject.STORE),
    change(ADMIN + "EraseUser", Subject.STORE),
    read(OPERATIONS + "ListOperations", Subject.JOBS),
    read(OPERATIONS + "GetOperation", Subject.JOBS),
    change(OPERATIONS + "DeleteOperation", Subject.JOBS),
    change(OPERATIONS + "CancelOperation", Subject.JOBS),
    read(OPERATIONS + "WaitOperation", Subject.JOBS),
    read("grpc.health.v1.Health/Check", Subject.SERVER),
    read("grpc.health.v1.Health/Watch", Subject.SERVER),
    read("grpc.reflection.v1.ServerReflection/ServerReflectionInfo", Subject.SERVER),
    read("grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", Subject.SERVER),
    read(CHANNELZ + "GetTopChannels", Subject.CONNECTIONS),
    read(CHANNELZ + "GetServers", Subject.CONNECTIONS),
    read(CHANNELZ + "GetServer", Subject.CONNECTIONS),
    read(CHANNELZ + "GetServerSockets", Subject.CONNECTIONS),
    read(CHANNELZ + "GetChannel", Subject.CONNECTIONS),
    read(CHANNELZ + "GetSubchannel", Subject.CONNECTIONS),
    read(CHANNELZ + "GetSocket", Subject.CONNECTIONS)
  };

  /** What an RPC acts on, and the reach of each role there. */
  public enum Subject {
    /** Jobs, as seen by their owners and readers. */
    JOBS(OWN, NONE, TENANT, ALL),
    /** Progress of jobs: like jobs, and also for the bearer of a token that shares the job. */
    PROGRESS(OWN, NONE, TENANT, ALL),
    /**
     * Items of jobs: like jobs, and also for the worker that has the token of the job's attempt.
     */
    ITEMS(OWN, TENANT, TENANT, ALL),
    /** Jobs that wait for a worker. */
    QUEUE(NONE, TENANT, NONE, ALL),
    /** Attempts of jobs. The attempt's token is required in addition, and is not enough alone. */
    ATTEMPTS(OWN, TENANT, TENANT, ALL),
    /** The task definitions, which all tenants share. */
    DEFINITIONS(ALL, NONE, ALL, ALL),
    /** The server itself, which all tenants share. */
    INFO(NONE, NONE, ALL, ALL),
    /** Workers, and what happens in general. */
    WORKERS(NONE, NONE, TENANT, ALL),
    /** Everything in the store, including what no other RPC returns. */
    STORE(NONE, NONE, NONE, ALL),
    /** The server's connections, with the addresses of its clients. */
    CONNECTIONS(NONE, NONE, NONE, ALL),
    /** The caller itself: open to all callers with a valid credential. */
    CALLER(ALL, ALL, ALL, ALL),
    /** Health and reflection: open to all callers, even without credentials. */
    SERVER(ALL, ALL, ALL, ALL);

    private final Reach user;
    private final Reach worker;
    private final Reach operator;
    private final Reach admin;

    Subject(Reach user, Reach worker, Reach operator, Reach admin) {
      this.user = user;
      this.worker = worker;
      this.operator = operator;
      this.admin = admin;
    }

    /** Returns the reach of a role. */
    public Reach of(Role role) {
      return switch (role) {
        case USER -> user;
        case WORKER -> worker;
        case OPERATOR -> operator;
        case ADMIN -> admin;
      };
    }

    /** Returns whether the bearer of a share token reaches its job here. */
    public boolean isShared() {
      return this == PROGRESS || this == CALLER;
    }

    /**
     * Returns the reach of a caller: the widest of its roles. The bearer of a share token has none.
     */
    public Reach of(Caller caller) {
      Reach widest = NONE;
      for (Role role : caller.roles()) {
        Reach reach = of(role);
        widest = reach.compareTo(widest) > 0 ? reach : widest;
      }
      return widest;
    }
  }

  private static Permission read(String method, Subject subject) {
    return new Permission(method, subject, false);
  }

  private static Permission change(String method, Subject subject) {
    return new Permission(method, subject, true);
  }

  /** Returns all rows by method. */
  static Map<String, Permission> byMethod() {
    return Arrays.stream(TABLE)
        .collect(Collectors.toUnmodifiableMap(Permission::method, Function.identity()));
  }

  /** Returns the table as Markdown, in the order of the code. */
  public static String table() {
    StringBuilder table = new StringBuilder("| RPC | no identity |");
    for (Role role : Role.values()) {
      table.append(' ').append(role).append(" |");
    }
    table.append(" share token | changes |\n|---|---|");
    table.append("---|".repeat(Role.values().length + 2));
    for (Permission row : TABLE) {
      boolean open = row.subject == Subject.SERVER;
      table.append("\n| ").append(row.method).append(open ? " | yes |" : " | - |");
      for (Role role : Role.values()) {
        table.append(' ').append(open ? "yes" : word(row.subject, role)).append(" |");
      }
      table.append(open ? " yes |" : row.subject.isShared() ? sharedWord(row.subject) : " - |");
      table.append(row.mutates ? " yes |" : " - |");
    }
    return table.append('\n').toString();
  }

  private static String sharedWord(Subject subject) {
    return subject == Subject.CALLER ? " itself |" : " its job |";
  }

  private static String word(Subject subject, Role role) {
    if (subject == Subject.CALLER) {
      return "itself";
    }
    boolean asWorker = subject == Subject.ITEMS && role == Role.WORKER;
    String token = subject == Subject.ATTEMPTS || asWorker ? ", with its token" : "";
    return switch (subject.of(role)) {
      case NONE -> "-";
      case OWN -> "own jobs" + token;
      case TENANT -> "its tenant" + token;
      case ALL -> "all tenants" + token;
    };
  }
}
