#!/bin/sh
# Installs stripe-mock, Stripe's own stateless double made from its API specification. The contract
# suite uses it when it finds it: on the PATH, or where STRIPE_MOCK points to.
set -eu

if ! command -v go >/dev/null 2>&1; then
  echo "Go is not installed, so stripe-mock is skipped; the suite runs without it." >&2
  exit 0
fi

go install github.com/stripe/stripe-mock@latest

bin="$(go env GOBIN)"
[ -n "$bin" ] || bin="$(go env GOPATH)/bin"
echo "Installed $bin/stripe-mock"
command -v stripe-mock >/dev/null 2>&1 ||
  echo "Not on the PATH: run the tests with STRIPE_MOCK=$bin/stripe-mock"
