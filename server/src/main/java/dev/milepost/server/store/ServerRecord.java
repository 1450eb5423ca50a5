package dev.milepost.server.store;

import com.google.protobuf.ByteString;
import java.time.Instant;

/**
 * A fact that a server keeps beside the jobs.
 *
 * @param key identifies it within its kind
 * @param value its content, in a form that its kind defines
 * @param expireTime when it is forgotten, by the clock of the store
 */
public record ServerRecord(String key, ByteString value, Instant expireTime) {}
