// Command pulumi-resource-kubernetes is Pulumi's provider for Kubernetes, as its module has it. Pulumi's own command
// embeds a schema that only its build makes; the engine asks for none when it runs a program.
package main

import "github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider"

// What the module calls itself; it has no releases of its own.
var version = "4.0.0-20260115033456-f47bc2d6f199"

func main() { provider.Serve("kubernetes", version, []byte("{}"), []byte("{}")) }
