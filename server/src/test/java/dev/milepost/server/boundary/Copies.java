package dev.milepost.server.boundary;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Message;
import dev.milepost.server.copy.CopyException;
import dev.milepost.server.grpc.TestServer;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.AdminServiceGrpc;
import dev.milepost.v1.ExportJobsRequest;
import dev.milepost.v1.ExportJobsResponse;
import java.io.OutputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** Copies all jobs of a server into the store of another, and compares what both export. */
final class Copies {
  private static final int MAX_ATTEMPTS = 5;

  private Copies() {}

  /**
   * A job with its journal and items.
   *
   * @param revision of its record: jobs go on by themselves, when a lease expires
   * @param digest of everything
   */
  private record Exported(long revision, String digest) {}

  /** Returns what is wrong with a copy; empty if nothing. */
  static List<String> differences(TestServer original) throws Exception {
    for (int attempt = 1; ; attempt++) {
      try {
        return differencesNow(original);
      } catch (CopyException e) {
        // Jobs may go on by themselves during the copy, which is then refused.
        if (attempt == MAX_ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  private static List<String> differencesNow(TestServer original) throws Exception {
    Map<String, Exported> before = export(original);
    List<String> wrong = new ArrayList<>();
    try (TestServer second =
        TestServer.inRealTime(
            Map.of("milepost.import-from", "grpc://localhost:" + original.port()))) {
      Map<String, Exported> copied = export(second);
      int same = 0;
      for (Map.Entry<String, Exported> job : before.entrySet()) {
        Exported copy = copied.get(job.getKey());
        if (copy == null) {
          wrong.add(job.getKey() + " is not in the copy");
        } else if (copy.revision() == job.getValue().revision()) {
          same++;
          if (!copy.equals(job.getValue())) {
            wrong.add(job.getKey() + " differs in the copy");
          }
        }
      }
      if (2 * same < before.size()) {
        wrong.add("most jobs have changed during the copy");
      }
    }
    return wrong;
  }

  private static Map<String, Exported> export(TestServer server) throws Exception {
    Map<String, Exported> jobs = new HashMap<>();
    Iterator<ExportJobsResponse> parts =
        AdminServiceGrpc.newBlockingStub(server.client().in("ADMIN").channel())
            .exportJobs(ExportJobsRequest.getDefaultInstance());
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    String key = "";
    long revision = 0;
    while (parts.hasNext()) {
      ExportJobsResponse part = parts.next();
      if (part.hasJob()) {
        key = part.getJob().getTenantId() + '/' + part.getJob().getId();
        revision = JobRecord.parseFrom(part.getStorageRecord()).getRevision();
        add(digest, part.getJob());
        digest.update(part.getStorageRecord().asReadOnlyByteBuffer());
      }
      for (Message entry : part.getEntriesList()) {
        add(digest, entry);
      }
      for (Message item : part.getItemsList()) {
        add(digest, item);
      }
      if (part.getLast()) {
        jobs.put(key, new Exported(revision, HexFormat.of().formatHex(digest.digest())));
      }
    }
    return jobs;
  }

  /** The entries of a map have no order. */
  private static void add(MessageDigest digest, Message message) throws Exception {
    CodedOutputStream out =
        CodedOutputStream.newInstance(
            new DigestOutputStream(OutputStream.nullOutputStream(), digest));
    out.useDeterministicSerialization();
    message.writeTo(out);
    out.flush();
  }
}
