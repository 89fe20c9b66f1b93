//go:build !js

// Package readme checks that the programs in README.md do what it says. It has only this test.
package readme

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/seed8935e608/residua/internal/hashnet"
	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/resnet/imageio"
	"github.com/seed8935e608/residua/weights"
)

// read reads a file of the repository.
func read(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// programs builds the programs of README.md as a reader would, in a module of their own that requires this one, and
// gives their paths. The module's other requirements are this one's, so that nothing is downloaded.
func programs(t *testing.T) []string {
	t.Helper()
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	mod, module := read(t, "go.mod"), t.TempDir()
	own := regexp.MustCompile(`(?m)^module (\S+)$`).FindStringSubmatch(mod)[1]
	mod = strings.Replace(mod, "module "+own, "module example.com/reader", 1)
	mod += fmt.Sprintf("\nrequire %s v0.0.0\n\nreplace %s => %s\n", own, own, root)
	write(t, filepath.Join(module, "go.mod"), mod)
	write(t, filepath.Join(module, "go.sum"), read(t, "go.sum"))
	var out []string
	blocks := regexp.MustCompile("(?ms)^```go\n(.*?)^```$")
	for i, block := range blocks.FindAllStringSubmatch(read(t, "README.md"), -1) {
		folder := filepath.Join(module, fmt.Sprint("program", i+1))
		write(t, filepath.Join(folder, "main.go"), block[1])
		if formatted := command(t, module, "gofmt", "-l", folder); formatted != "" {
			t.Errorf("program %d is not formatted", i+1)
		}
		command(t, module, "go", "vet", "-mod=mod", folder)
		command(t, module, "go", "build", "-mod=mod", "-o", folder+".exe", folder)
		out = append(out, folder+".exe")
	}
	return out
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// command runs a command in a folder and gives what it prints.
func command(t *testing.T, folder, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = folder
	cmd.Env = append(os.Environ(), "GOPROXY=off", "GOWORK=off")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s%s", cmd, err, out, stderr.Bytes())
	}
	return string(out)
}

func TestPrograms(t *testing.T) {
	all := programs(t)
	if len(all) != 2 {
		t.Fatalf("README.md has %d programs in Go, want 2", len(all))
	}
	photo, err := filepath.Abs("../../resnet/testdata/nagasaki-boats.png")
	if err != nil {
		t.Fatal(err)
	}
	t.Run("photo", func(t *testing.T) {
		got := strings.Split(command(t, t.TempDir(), all[0], photo), "\n")
		if len(got) != 6 || got[0] != " 70.0 % dock" {
			t.Errorf("it prints %q", got)
		}
	})
	t.Run("own network", func(t *testing.T) {
		folder := t.TempDir()
		write(t, filepath.Join(folder, "config.json"), `{"id2label": {"0": "ant", "1": "bee", "2": "cat"}}`)
		label, probability := ownNetwork(t, filepath.Join(folder, "model.safetensors"), photo)
		got := command(t, folder, all[1], "model.safetensors", "config.json", photo)
		if want := fmt.Sprintf("%.1f %% %s\n", 100*probability, label); !strings.HasSuffix(got, "\n"+want) ||
			!strings.Contains(got, "assumed: preprocessing imagenet\n") {
			t.Errorf("it prints %q, want %q after what it assumed", got, want)
		}
		exported, err := os.Stat(filepath.Join(folder, "model.onnx"))
		if err != nil || exported.Size() == 0 {
			t.Errorf("no network was exported: %v", err)
		}
	})
}

// ownNetwork writes a file as torch.save_file would, without a word about pictures, and gives the answer to a photo
// that is prepared as torchvision's networks want it: R, G, B, minus ImageNet's mean, by its deviation.
func ownNetwork(t *testing.T, path, photo string) (label string, probability float64) {
	t.Helper()
	b, err := hashnet.File(resnet.Config{
		Block: resnet.Basic, Layers: []int{1, 1, 1, 1}, Width: 8, Expansion: 1, Stem: resnet.StemImageNet,
		NormEpsilon: 1e-5, Join: resnet.JoinAdd, Classes: 3,
	}, 224)
	if err != nil {
		t.Fatal(err)
	}
	f, err := weights.Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	var bare bytes.Buffer
	if err := weights.Write(&bare, nil, f.Tensors()); err != nil {
		t.Fatal(err)
	}
	write(t, path, bare.String())
	m, err := resnet.LoadFile(f)
	if err != nil {
		t.Fatal(err)
	}
	picture, err := os.ReadFile(photo)
	if err != nil {
		t.Fatal(err)
	}
	x, err := imageio.Load(picture, imageio.Spec{
		ShortSide: 256, Size: 224, Order: imageio.RGB, Rescale: 1. / 255,
		Mean: [3]float32{0.485, 0.456, 0.406}, Std: [3]float32{0.229, 0.224, 0.225},
	})
	if err != nil {
		t.Fatal(err)
	}
	best := resnet.Top(m.Forward(x, nil).Logits, 1)[0]
	return []string{"ant", "bee", "cat"}[best.Index], best.Probability
}

// TestNeeds: what README.md says that one needs is what go.mod asks for.
func TestNeeds(t *testing.T) {
	mod, readme := read(t, "go.mod"), read(t, "README.md")
	module := regexp.MustCompile(`(?m)^module (\S+)$`).FindStringSubmatch(mod)[1]
	version := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(mod)[1]
	for _, want := range []string{"    go get " + module + "\n", "Go " + version, "npm"} {
		if !strings.Contains(readme, want) {
			t.Errorf("README.md does not say %q", want)
		}
	}
}
