"""The upload gateway: takes uploads of tills over HTTP and answers once Kafka has them."""
