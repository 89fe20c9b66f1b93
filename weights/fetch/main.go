// Command fetch gets what the page loads and the repository does not contain: ResNet-50's weights in float16 and in
// eight bits, cut into shards, the sample photographs, the starter sets for Teach, and handwritten digits.
//
//	go run ./weights/fetch [-out dist]
//	go run ./weights/fetch -path float16|float32|int8
//
// It writes OUT/models/resnet50, OUT/models/resnet50-int8, OUT/samples, OUT/starters and OUT/digits. Downloads are
// cached in the user's cache folder, and files that are up to date stay as they are. With -path it only prints the path
// of the model as one file in the cache.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/seed8935e608/residua/weights/mnist"
	"github.com/seed8935e608/residua/weights/pretrained"
	"github.com/seed8935e608/residua/weights/starters"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "fetch:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout io.Writer) error {
	flags := flag.NewFlagSet("fetch", flag.ContinueOnError)
	flags.SetOutput(stdout)
	out := flags.String("out", "dist", "write to this `folder`")
	path := flags.String("path", "", "print the path of the model file with weights of this `type`, float16, "+
		"float32 or int8")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("nothing is known to do with %q", flags.Args())
	}
	both := false
	flags.Visit(func(f *flag.Flag) { both = both || f.Name == "out" && *path != "" })
	if both {
		return errors.New("with -path nothing is written, so -out has no meaning")
	}
	switch *path {
	case "":
	case "float16", "float32", "int8":
		file, err := pretrained.ResNet50(ctx, pretrained.Options{Float32: *path == "float32", Int8: *path == "int8"})
		if err == nil {
			fmt.Fprintln(stdout, file)
		}
		return err
	default:
		return fmt.Errorf("weights come as float16, float32 or int8, not as %q", *path)
	}
	options := pretrained.Options{Log: stdout}
	if _, err := pretrained.Shards(ctx, filepath.Join(*out, "models", "resnet50"), options); err != nil {
		return err
	}
	small := options
	small.Int8 = true
	if _, err := pretrained.Shards(ctx, filepath.Join(*out, "models", "resnet50-int8"), small); err != nil {
		return err
	}
	if _, err := pretrained.Gallery(ctx, filepath.Join(*out, "samples"), options); err != nil {
		return err
	}
	if _, err := starters.Write(ctx, filepath.Join(*out, "starters"), stdout); err != nil {
		return err
	}
	_, err := mnist.Write(ctx, filepath.Join(*out, "digits"), stdout)
	return err
}
