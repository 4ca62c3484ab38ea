"""The same read models built with what a team would pick instead, each as its own documentation recommends."""
