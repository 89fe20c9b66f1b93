//go:build !js

package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"image"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/resnet/imageio"
	"github.com/seed8935e608/residua/resnet/modelfile"
	"github.com/seed8935e608/residua/resnet/shapes"
)

// colours makes a folder of n pictures of each of the first classes of a task that is easy to learn: which colour a
// thing has.
func colours(t *testing.T, dir string, classes, n, first int) {
	t.Helper()
	set := shapes.Set{Task: shapes.Colour, Domain: shapes.Filled, Size: 12, Difficulty: 0.1, Seed: 5}
	pix := make([]byte, set.Len())
	counts := make([]int, classes)
	for i := first; slices.Min(counts) < n; i++ {
		label := set.Label(i)
		if label >= classes || counts[label] == n {
			continue
		}
		counts[label]++
		set.Draw(pix, i)
		img := image.NewNRGBA(image.Rect(0, 0, set.Size, set.Size))
		for k := range set.Size * set.Size {
			copy(img.Pix[4*k:], pix[3*k:][:3])
			img.Pix[4*k+3] = 255
		}
		var b bytes.Buffer
		if err := png.Encode(&b, img); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, set.Task.Classes()[label], fmt.Sprintf("%04d.png", i)), b.Bytes())
	}
}

func write(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, content, 0o666); err != nil {
		t.Fatal(err)
	}
}

// small are settings of a short training.
func small(out string, more ...string) []string {
	return append([]string{"-o", out, "-size", "8", "-epochs", "3", "-batch", "8", "-rate", "0.1"}, more...)
}

// command runs residua train DIR.
func command(t *testing.T, ctx context.Context, dir string, args ...string) (log string, err error) {
	t.Helper()
	var b bytes.Buffer
	err = run(ctx, append([]string{"train", dir}, args...), &b)
	return b.String(), err
}

// TestTrain: a folder becomes a model that resnet.Load takes, and which is as often right as the last line said.
func TestTrain(t *testing.T) {
	dir := t.TempDir()
	colours(t, filepath.Join(dir, "pictures", "train"), 2, 24, 0)
	colours(t, filepath.Join(dir, "pictures", "val"), 2, 10, 1000)
	write(t, filepath.Join(dir, "pictures", "val", "purple", "a.png"), []byte("x"))
	write(t, filepath.Join(dir, "pictures", "train", "red", "notes.txt"), []byte("these are red"))
	write(t, filepath.Join(dir, "pictures", "train", "red", ".hidden.png"), nil)
	write(t, filepath.Join(dir, "pictures", "readme", "a.txt"), nil)
	out := filepath.Join(dir, "My Colours.safetensors")
	log, err := command(t, t.Context(), filepath.Join(dir, "pictures"), small(out, "-mirror", "-shift", "1")...)
	if err != nil {
		t.Fatalf("%v\n%s", err, log)
	}
	for _, says := range []string{
		"68 pictures of 2 classes: 48 to learn from, 20 held out", "resnet20 for pictures of 8×8", "18 steps",
		"epoch 1 of 3: loss ", "epoch 3 of 3: loss ",
		"notes.txt is left out: ", "val/purple is left out: the class is not learnt",
		"readme is left out: train and val are there", "wrote " + out,
	} {
		if !strings.Contains(log, says) {
			t.Errorf("the log does not say %q:\n%s", says, log)
		}
	}
	if strings.Contains(log, ".hidden") {
		t.Errorf("a hidden file is named:\n%s", log)
	}
	if _, err := os.Stat(out + ".state"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the state is still there: %v", err)
	}
	file, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	// As the page opens it.
	opened, err := modelfile.Open(file, modelfile.Options{Name: filepath.Base(out)})
	if err != nil || len(opened.Notes) > 0 {
		t.Fatalf("%v, %v", err, opened)
	}
	m, err := resnet.LoadFile(opened.File)
	if err != nil {
		t.Fatal(err)
	}
	if m.Card.Model != "my-colours" || m.Card.Title != "My Colours" || !slices.Equal(m.Card.Labels, []string{"red",
		"yellow"}) {
		t.Errorf("the card says %+v", m.Card)
	}
	right := 0
	for label, class := range m.Card.Labels {
		paths, _ := filepath.Glob(filepath.Join(dir, "pictures", "val", class, "*.png"))
		for _, path := range paths {
			picture, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			x, err := imageio.Load(picture, imageio.SpecFor(m.Card))
			if err != nil {
				t.Fatal(err)
			}
			if m.Top(m.Forward(x, nil).Logits, 1)[0].Index == label {
				right++
			}
		}
	}
	if want := fmt.Sprintf("%.1f %% right\nwrote", float64(right)*5); !strings.Contains(log, want) || right < 15 {
		t.Errorf("%d of 20 are right; the log says\n%s", right, log)
	}
}

// A countdown is a context that ends when it has been asked a number of times after it was armed.
type countdown struct {
	context.Context
	armed atomic.Bool
	left  atomic.Int64
}

func (c *countdown) Err() error {
	if c.armed.Load() && c.left.Add(-1) < 0 {
		return context.Canceled
	}
	return nil
}

// TestResume: a training that was stopped, in the middle of an epoch and at the end of one, ends with the same bytes as
// one that was not.
func TestResume(t *testing.T) {
	dir := t.TempDir()
	pictures := filepath.Join(dir, "pictures")
	colours(t, pictures, 3, 11, 0)
	settings := []string{"-mirror", "-optimizer", "adamw", "-rate", "0.003", "-held", "0.25", "-schedule", "step"}
	whole := filepath.Join(dir, "whole.safetensors")
	if log, err := command(t, t.Context(), pictures, small(whole, settings...)...); err != nil {
		t.Fatalf("%v\n%s", err, log)
	}
	want, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, "again", "whole.safetensors")
	if err := os.Mkdir(filepath.Dir(out), 0o777); err != nil {
		t.Fatal(err)
	}
	steps := 0
	for _, more := range []int{2, 1, 2} { // steps until it is stopped; an epoch has three
		args := small(out, settings...)
		if steps > 0 {
			args = append(args, "-resume")
		}
		ctx := &countdown{Context: t.Context()}
		ctx.left.Store(int64(more))
		var log bytes.Buffer
		err := run(ctx, append([]string{"train", pictures}, args...), writer(func(text []byte) {
			log.Write(text)
			if bytes.Contains(text, []byte("parameters")) { // the pictures are read, and the steps begin
				ctx.armed.Store(true)
			}
		}))
		steps += more
		if says := fmt.Sprintf("stopped after step %d of 9; the state is in %s", steps, out+".state"); !errors.Is(err,
			errStopped) || !strings.Contains(log.String(), says) {
			t.Fatalf("%v, want %q\n%s", err, says, &log)
		}
	}
	log, err := command(t, t.Context(), pictures, append(small(out, settings...), "-resume")...)
	if err != nil || !strings.Contains(log, "going on after step 5") {
		t.Fatalf("%v\n%s", err, log)
	}
	if got, err := os.ReadFile(out); err != nil || !bytes.Equal(got, want) {
		t.Errorf("the model is another one, or %v", err)
	}
}

// A writer is a function that takes what is written.
type writer func(text []byte)

func (w writer) Write(text []byte) (int, error) {
	w(text)
	return len(text), nil
}

// TestResumeRefuses: a state is not lost by mistake, and does not go on as another training.
func TestResumeRefuses(t *testing.T) {
	dir := t.TempDir()
	pictures, out := filepath.Join(dir, "pictures"), filepath.Join(dir, "m.safetensors")
	colours(t, pictures, 2, 8, 0)
	if _, err := command(t, t.Context(), pictures, small(out, "-resume")...); err == nil ||
		!strings.Contains(err.Error(), "leave -resume out") {
		t.Errorf("without a state: %v", err)
	}
	ctx, stop := context.WithCancel(t.Context())
	err := run(ctx, append([]string{"train", pictures}, small(out)...), writer(func(text []byte) {
		if bytes.Contains(text, []byte("epoch 1")) {
			stop()
		}
	}))
	if !errors.Is(err, errStopped) {
		t.Fatal(err)
	}
	state, err := os.ReadFile(out + ".state")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		args []string
		says string
	}{
		"a new training":   {nil, "add -resume to go on with it, or delete it"},
		"another rate":     {[]string{"-resume", "-rate", "0.2"}, "other settings"},
		"more epochs":      {[]string{"-resume", "-epochs", "9"}, "other settings"},
		"another preset":   {[]string{"-resume", "-preset", "resnet32"}, "other settings"},
		"another size":     {[]string{"-resume", "-size", "12"}, "other pictures or another -size"},
		"another division": {[]string{"-resume", "-held", "0.5"}, "other pictures"},
	} {
		if _, err := command(t, t.Context(), pictures, small(out, c.args...)...); err == nil ||
			!strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", name, err, c.says)
		}
		if now, err := os.ReadFile(out + ".state"); err != nil || !bytes.Equal(now, state) {
			t.Fatalf("%s has changed the state, or %v", name, err)
		}
	}
	write(t, out+".state", state[:100])
	if _, err := command(t, t.Context(), pictures, small(out, "-resume")...); err == nil ||
		!strings.Contains(err.Error(), "m.safetensors.state cannot be read") {
		t.Errorf("a state that is cut off: %v", err)
	}
	// Nothing of a training is saved before it begins.
	ctx, stop = context.WithCancel(t.Context())
	stop()
	other := filepath.Join(dir, "other.safetensors")
	if log, err := command(t, ctx, pictures, small(other)...); !errors.Is(err, errStopped) ||
		!strings.Contains(log, "stopped before the training began") {
		t.Errorf("stopped at once: %v\n%s", err, log)
	}
	if _, err := os.Stat(other + ".state"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a state of nothing: %v", err)
	}
}

// TestRefuses: what cannot be done is told in words, and what to do instead.
func TestRefuses(t *testing.T) {
	dir := t.TempDir()
	good := filepath.Join(dir, "good")
	colours(t, good, 2, 4, 0)
	one := filepath.Join(dir, "one")
	colours(t, one, 1, 4, 0)
	empty := filepath.Join(dir, "empty")
	write(t, filepath.Join(empty, "a.png"), nil)
	broken := filepath.Join(dir, "broken")
	half := filepath.Join(dir, "half")
	colours(t, half, 1, 4, 0)
	for i := range 8 {
		write(t, filepath.Join(broken, "a", fmt.Sprintf("%d.png", i)), []byte("nothing"))
		write(t, filepath.Join(broken, "b", fmt.Sprintf("%d.png", i)), []byte("\x89PNG\r\n\x1a\n"))
		write(t, filepath.Join(half, "a", fmt.Sprintf("%d.png", i)), []byte("nothing"))
	}
	out := filepath.Join(dir, "m.safetensors")
	for name, c := range map[string]struct {
		args []string
		says string
	}{
		"no folder":         {[]string{"-o", out}, "name the folder with the pictures"},
		"two folders":       {[]string{good, one, "-o", out}, "one folder at a time"},
		"no such folder":    {[]string{filepath.Join(dir, "none"), "-o", out}, "none"},
		"no classes":        {[]string{empty, "-o", out}, "has no folders with pictures"},
		"one class":         {[]string{one, "-o", out}, "only one class, red"},
		"nothing but chaff": {[]string{broken, "-o", out}, "none of the files is a picture"},
		"a class of chaff":  {[]string{half, "-o", out}, "the class a has no picture that can be read"},
		"no file":           {[]string{good}, "with -o, such as"},
		"another kind":      {[]string{good, "-o", filepath.Join(dir, "m.onnx")}, "with -o, such as"},
		"nothing but .safe": {[]string{good, "-o", filepath.Join(dir, ".safetensors")}, "with -o, such as"},
		"no place":          {[]string{good, "-o", filepath.Join(dir, "no", "m.safetensors")}, "can be written beside"},
		"a network":         {[]string{good, "-o", out, "-preset", "vgg16"}, `no network "vgg16"`},
		"a size":            {[]string{good, "-o", out, "-size", "2000"}, "4 to 1024 pixels"},
		"epochs":            {[]string{good, "-o", out, "-epochs", "0"}, "-epochs 0"},
		"a batch":           {[]string{good, "-o", out, "-batch", "0"}, "0 pictures"},
		"a rate":            {[]string{good, "-o", out, "-rate", "-1"}, "the rate is above 0"},
		"an optimiser":      {[]string{good, "-o", out, "-optimizer", "adam"}, "it is sgd or adamw"},
		"a schedule":        {[]string{good, "-o", out, "-schedule", "cosinus"}, "a schedule"},
		"a part":            {[]string{good, "-o", out, "-held", "1"}, "-held 1"},
		"memory":            {[]string{good, "-o", out, "-memory", "0.001"}, "-memory allows more"},
		"a rate too high":   {[]string{good, "-o", out, "-size", "8", "-rate", "1e30"}, "try a -rate lower than 1e+30"},
	} {
		var log bytes.Buffer
		err := run(t.Context(), append([]string{"train"}, c.args...), &log)
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", name, err, c.says)
		}
		if name == "nothing but chaff" && (strings.Count(log.String(), "is left out: ") != 5 ||
			!strings.Contains(log.String(), "\n11 more files are left out")) {
			t.Errorf("%s: the log says\n%s", name, &log)
		}
		if name == "a rate too high" {
			os.Remove(out + ".state")
		}
		if left, _ := filepath.Glob(filepath.Join(dir, "*safetensors*")); len(left) > 0 {
			t.Fatalf("%s: %q were written", name, left)
		}
	}
}

// TestMemory: so many pictures that the machine would run out of memory are refused before one is read.
func TestMemory(t *testing.T) {
	o, err := parse([]string{"pictures", "-o", "m.safetensors", "-memory", "2"}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	s := &session{options: o, classes: []string{"a", "b"}}
	if err := s.checkMemory(500_000, 600_000); err != nil {
		t.Error(err)
	}
	// 1,000,000 × 32 × 32 × 3 bytes are 2.9 GiB.
	if err := s.checkMemory(500_000, 1_000_000); err == nil || !strings.Contains(err.Error(), "take 2.9 GiB") {
		t.Errorf("got %v", err)
	}
}

func TestUsage(t *testing.T) {
	var log bytes.Buffer
	if err := run(t.Context(), []string{"help"}, &log); err != nil || !strings.Contains(log.String(), "Usage: ") {
		t.Errorf("%v, %q", err, &log)
	}
	if err := run(t.Context(), []string{"train", "-h"}, &log); !errors.Is(err, flag.ErrHelp) ||
		!strings.Contains(log.String(), "resnet110") {
		t.Errorf("%v, %q", err, &log)
	}
	for _, args := range [][]string{nil, {"learn"}, {"train", "a", "-force"}} {
		if err := run(t.Context(), args, io.Discard); err == nil {
			t.Errorf("%q was taken", args)
		}
	}
}

// TestScan: what is held out, and which folders are classes.
func TestScan(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for class, n := range map[string]int{"train": 5, "bus": 10, "tram": 1, ".git": 3, "__MACOSX": 3, "empty": 0} {
		if err := os.MkdirAll(filepath.Join(dir, class), 0o777); err != nil {
			t.Fatal(err)
		}
		for i := range n {
			write(t, filepath.Join(dir, class, "deep", fmt.Sprint(i)), nil)
		}
	}
	odd := filepath.Join(dir, "bus", "odd")
	if err := os.Symlink(filepath.Join(dir, "tram"), odd); err != nil {
		t.Fatal(err)
	}
	f, err := scan(dir, 0.2, 1)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(f.classes, []string{"bus", "train", "tram"}) || len(f.learn) != 8+4+1 || len(f.held) != 2+1+0 ||
		!slices.Equal(f.notes, []string{odd + " is left out: it is no file, nor a link to one",
			"empty is left out: it holds no files"}) {
		t.Errorf("classes %q, %d to learn from, %d held out, notes %q", f.classes, len(f.learn), len(f.held), f.notes)
	}
	seen := map[string]bool{}
	for _, p := range slices.Concat(f.learn, f.held) {
		if seen[p.path] || !strings.Contains(filepath.ToSlash(p.path), "/"+f.classes[p.label]+"/") {
			t.Errorf("%s is there twice, or has the class %s", p.path, f.classes[p.label])
		}
		seen[p.path] = true
	}
	if again, err := scan(dir, 0.2, 1); err != nil || !slices.Equal(again.held, f.held) {
		t.Error("the second time other pictures are held out")
	}
	if other, err := scan(dir, 0.2, 2); err != nil || slices.Equal(other.held, f.held) {
		t.Error("another seed holds out the same pictures")
	}
	alone := t.TempDir()
	write(t, filepath.Join(alone, "Train", "a", "1"), nil)
	write(t, filepath.Join(alone, "Train", "a", "2"), nil)
	write(t, filepath.Join(alone, "Train", "b", "1"), nil)
	if f, err := scan(alone, 0.5, 1); err != nil || !slices.Equal(f.classes, []string{"a", "b"}) || len(f.held) != 1 {
		t.Errorf("a folder with train alone: %+v, %v", f, err)
	}
}

func TestModelName(t *testing.T) {
	for path, want := range map[string]string{
		"a/Pets.safetensors": "pets", "x/My pets (2).safetensors": "my-pets--2", "猫.safetensors": "trained",
		"resnet20.v1.safetensors": "resnet20.v1", strings.Repeat("a", 99) + ".safetensors": strings.Repeat("a", 64),
	} {
		if got := modelName(path); got != want {
			t.Errorf("%s becomes %q, want %q", path, got, want)
		}
	}
}
