package dev.milepost.server.store;

/**
 * A backup that is complete, verified and on disk.
 *
 * @param path where the file is
 * @param bytes its size
 * @param sha256 its SHA-256 in hexadecimal digits
 * @param jobs how many jobs it holds
 * @param schema version of its schema
 * @param damaged how many values in it are damaged, as they are in the store
 */
public record BackupFile(
    String path, long bytes, String sha256, long jobs, int schema, long damaged) {}
