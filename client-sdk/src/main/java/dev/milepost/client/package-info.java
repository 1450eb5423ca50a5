/**
 * The Java client of Milepost. Start with {@link dev.milepost.client.JobClient}.
 *
 * <p>The package is flat on purpose: the internals use package-private parts of the public types
 * (the exceptions' constructors, the builders' fields), which separate packages would make public.
 * Its classes by subject:
 *
 * <ul>
 *   <li>Calls: {@code JobClient}, {@code AsyncJobClient}, {@code AdminClient}, {@code JobHandle},
 *       with {@code JobSpec}, {@code CreateOptions} and {@code JobUpdate}. Inside: {@code Calls}
 *       and {@code UnaryCall} retry as {@code CallPolicy} and {@code Backoff} say; {@code
 *       BulkChange}, {@code BatchUpload}, {@code JobLookup}, {@code JobWait}, {@code
 *       PagedIterator}, {@code UserErasure}.
 *   <li>What is read: {@code JobInfo}, {@code JobProgress}, {@code JobOutcome}, {@code LogLine}
 *       have the types of Java beside the generated messages.
 *   <li>What is written: {@code JobLimits}, {@code Payloads}, {@code JsonCodec}.
 *   <li>Connection: {@code JobClientBuilder}. Inside: {@code ClientCore} holds what one client
 *       shares; {@code Channels}, {@code TlsFiles}, {@code BearerToken}, {@code CallerInterceptor};
 *       {@code Target}, {@code ServerAddress} and {@code ServerList*}. {@code Connectivity} knows
 *       whether the server answers, and {@code ConnectionProblem} why not.
 *   <li>Handlers: {@code JobHandler}, {@code ResultHandler}, {@code HandlerInterceptor}, {@code
 *       JobContext}, {@code JobLogger}, {@code Pipeline}, {@code JobItems}, {@code JobTargets}.
 *       Inside: their {@code Default*} implementations.
 *   <li>Attempts: {@code Worker}, {@code JobClient.run} and {@code StartedJob}. Inside: {@code
 *       ClaimLoop} (with {@code HealthMonitor}), {@code RunningJobs}, {@code LocalRunner} and
 *       {@code JobStart} start an {@code AttemptSession}; {@code CurrentJob} names it on a thread;
 *       {@code HandlerRun} runs its handler, {@code Heartbeats} and {@code StopSignal} keep or stop
 *       it, {@code AttemptFinisher} ends it.
 *   <li>Reports, from a handler to the server: {@code ReportBuffer} ({@code ReportDraft}, {@code
 *       SealedReports}), {@code ReportSender}, {@code ReportStream}; {@code ReportRepair}.
 *   <li>Watches: {@code Watch}, {@code JobWatch}, {@code JobListWatch}. Inside: {@code WatchFeed}
 *       and {@code WatchConnection} are the same for both; a {@code WatchProtocol} is what differs.
 *   <li>Errors: {@code JobException} and its subclasses. Inside: {@code ServerError} reads them
 *       from the wire, {@code JobErrors} writes a handler's exception into the contract.
 * </ul>
 */
@NullMarked
package dev.milepost.client;

import org.jspecify.annotations.NullMarked;
