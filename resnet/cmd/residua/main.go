//go:build !js

// Command residua trains residual networks on folders of pictures:
//
//	go run ./resnet/cmd/residua train DIR -preset resnet20 -o FILE.safetensors
//
// Each folder in DIR is a class, and its name the class's. A part of the pictures is held out to judge by, unless DIR
// has the folders train and val with the classes in each. FILE is a model that resnet.Load, PyTorch's load_state_dict
// and Residua's page take. Ctrl-C saves the state beside it; the same command with -resume goes on, to the very same
// result. residua train -h lists the settings.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/seed8935e608/residua/internal/errtext"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// A second Ctrl-C ends the program at once.
	context.AfterFunc(ctx, stop)
	err := run(ctx, os.Args[1:], os.Stdout)
	switch {
	case err == nil || errors.Is(err, flag.ErrHelp):
	case errors.Is(err, errStopped):
		os.Exit(130) // as shells say it
	default:
		fmt.Fprintln(os.Stderr, "residua:", strings.TrimPrefix(errtext.Clause(err), "train: "))
		os.Exit(1)
	}
}

// errStopped says that the program was asked to stop, has said what it saved, and did.
var errStopped = errors.New("stopped")

const usage = `Usage: residua train DIR -o FILE.safetensors [SETTING…]

Trains a residual network on the pictures in DIR, where each folder is a class.
residua train -h lists the settings.
`

func run(ctx context.Context, args []string, stdout io.Writer) error {
	switch {
	case len(args) == 0:
		fmt.Fprint(stdout, usage)
		return errors.New("say what to do: train")
	case args[0] == "help" || args[0] == "-h" || args[0] == "-help" || args[0] == "--help":
		fmt.Fprint(stdout, usage)
		return nil
	case args[0] != "train":
		fmt.Fprint(stdout, usage)
		return fmt.Errorf("there is no command %q", args[0])
	}
	o, err := parse(args[1:], stdout)
	if err != nil {
		return err
	}
	return o.train(ctx, stdout)
}
