package dev.milepost.client;

/** What a caller may do; docs/PERMISSIONS.md lists it call by call. */
public enum Role {
  /** Creates jobs, sees and manages its own. */
  USER,
  /** Claims the jobs of its tenant, and reports on what it holds. */
  WORKER,
  /** Sees and manages all jobs of its tenant. */
  OPERATOR,
  /** Sees and manages the jobs of all tenants, and the server. */
  ADMIN
}
