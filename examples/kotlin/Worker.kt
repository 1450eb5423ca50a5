import dev.milepost.client.JobClient
import dev.milepost.client.JobHandler
import dev.milepost.client.JobSpec

/** A worker and its caller in Kotlin: greets the names of one job, and prints what came of it. */
fun main(args: Array<String>) {
    JobClient.connect(args[0]).use { client ->
        val greeter = JobHandler.returning { context ->
            val names = context.params().getList("names").filterIsInstance<String>()
            for (name in context.track(names, "names")) {
                context.logger().info("Hello, $name", mapOf("length" to name.length))
            }
            mapOf("greeted" to names.size)
        }
        client.worker().handler("greet", greeter).start().use {
            val job = client.create(JobSpec.of("greet").params(mapOf("names" to listOf("Ann", "Bob"))))
            println("${job.result()} ${job.info().state()} ${job.log().map { it.message() }}")
        }
    }
}
