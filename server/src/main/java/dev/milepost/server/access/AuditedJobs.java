package dev.milepost.server.access;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.milepost.v1.ClaimJobsRequest;
import dev.milepost.v1.ClaimJobsResponse;
import dev.milepost.v1.Job;
import dev.milepost.v1.ReportStreamRequest;
import dev.milepost.v1.ReportStreamResponse;
import dev.milepost.v1.ShareJobResponse;
import dev.milepost.v1.Task;
import dev.milepost.v1.UnshareJobRequest;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Collects what the audit log says of the messages of one call: ids of jobs, and numbers. It reads
 * nothing else, so that no secret reaches the log. Thread-safe.
 */
public final class AuditedJobs {
  private static final int MAX_JOBS = 20;
  private static final int MAX_CHARS = 256;
  private static final int MAX_TYPES = 20;
  private static final String OPERATIONS = "google.longrunning.";

  // Guarded by this.
  private final Set<String> jobs = new LinkedHashSet<>();
  private final Map<String, Object> details = new LinkedHashMap<>();
  private boolean hasMore;

  /** Creates an empty collection. */
  public AuditedJobs() {}

  /** Reads a request. */
  public void noteRequest(Object request) {
    if (request instanceof ReportStreamRequest report) {
      // Too frequent to look up their fields.
      note(report.getJobId());
    } else if (request instanceof ClaimJobsRequest claim) {
      noteClaim(claim);
    } else if (request instanceof Message message) {
      boolean isOperation = message.getDescriptorForType().getFullName().startsWith(OPERATIONS);
      FieldDescriptor id =
          message.getDescriptorForType().findFieldByName(isOperation ? "name" : "job_id");
      if (id != null) {
        String name = String.valueOf(message.getField(id));
        note(isOperation ? name.substring(name.lastIndexOf('/') + 1) : name);
      }
      if (request instanceof UnshareJobRequest unshare) {
        noteShare(unshare.getAll() ? "all" : unshare.getShareId());
      }
    }
  }

  private synchronized void noteShare(String shareId) {
    if (shareId.length() <= MAX_CHARS) {
      details.put("share", shareId);
    }
  }

  /** Notes what a worker asks for; what it leaves open, it takes any of. */
  private synchronized void noteClaim(ClaimJobsRequest claim) {
    if (claim.getWorkerId().length() <= MAX_CHARS) {
      details.put("worker", claim.getWorkerId());
    }
    noteList("types", claim.getTypesList());
    noteList("scopes", claim.getScopesList().stream().map(Enum::name).toList());
  }

  private void noteList(String name, List<String> values) {
    if (!values.isEmpty()) {
      details.put(
          name,
          values.stream().filter(text -> text.length() <= MAX_CHARS).limit(MAX_TYPES).toList());
    }
    if (values.size() > MAX_TYPES) {
      details.put("more_" + name, true);
    }
  }

  /** Reads a response. */
  public void noteAnswer(Object answer) {
    if (answer instanceof ReportStreamResponse) {
      return; // Its job is that of a request.
    }
    if (answer instanceof ClaimJobsResponse claimed) {
      claimed.getJobsList().forEach(job -> note(job.getJob().getId()));
    } else if (answer instanceof ShareJobResponse shared) {
      noteShare(shared.getShare().getShareId());
    } else if (answer instanceof Message message) {
      FieldDescriptor job = message.getDescriptorForType().findFieldByName("job");
      if (job != null && message.getField(job) instanceof Job found) {
        note(found.getId());
      }
      FieldDescriptor task = message.getDescriptorForType().findFieldByName("task");
      if (task != null && message.getField(task) instanceof Task found) {
        note(found.getJob().getId());
      }
      FieldDescriptor count = message.getDescriptorForType().findFieldByName("count");
      if (count != null && message.getField(count) instanceof Number number) {
        noteNumber("changed", number.longValue());
      }
    }
  }

  /** Adds the id of a job. */
  public synchronized void note(String jobId) {
    if (jobId.isEmpty() || jobId.length() > MAX_CHARS || jobs.contains(jobId)) {
      return;
    }
    if (jobs.size() == MAX_JOBS) {
      hasMore = true;
    } else {
      jobs.add(jobId);
    }
  }

  private synchronized void noteNumber(String name, long number) {
    details.put(name, number);
  }

  /** Adds the fields for what was collected: {@code jobs}, if there are any, and details. */
  public synchronized void addTo(Map<String, Object> fields) {
    if (!jobs.isEmpty()) {
      fields.put("jobs", List.copyOf(jobs));
    }
    if (hasMore) {
      fields.put("more_jobs", true);
    }
    fields.putAll(details);
  }
}
