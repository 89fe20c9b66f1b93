package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seed8935e608/residua/weights"
)

func TestRunFillsTheFolder(t *testing.T) {
	out := t.TempDir()
	var log bytes.Buffer
	if err := run(t.Context(), []string{"-out", out}, &log); err != nil {
		t.Fatal(err)
	}
	for _, model := range []struct {
		name string
		most int64 // bytes
	}{{"resnet50", 52e6}, {"resnet50-int8", 27e6}} {
		m := published(t, filepath.Join(out, "models", model.name))
		if m.Model != model.name || m.Size > model.most {
			t.Errorf("the model %s has %d bytes, want %s with at most %d", m.Model, m.Size, model.name, model.most)
		}
	}
	for _, name := range []string{"samples/samples.json", "samples/dust-bowl-home.jpg", "starters/starters.json",
		"starters/fluent/animals/fox.webp", "digits/digits.json", "digits/digits.idx"} {
		if _, err := os.Stat(filepath.Join(out, filepath.FromSlash(name))); err != nil {
			t.Error(err)
		}
	}

	log.Reset()
	begin := time.Now()
	if err := run(t.Context(), []string{"-out", out}, &log); err != nil {
		t.Fatal(err)
	}
	upToDate := 0
	for line := range strings.Lines(log.String()) {
		switch {
		case strings.Contains(line, "up to date"):
			upToDate++
		case !strings.Contains(line, "waiting for another process"): // perhaps the tests of another package
			t.Errorf("the second run says %q", line)
		}
	}
	if upToDate != 5 {
		t.Errorf("the second run says %q", &log)
	}
	t.Logf("the second run took %v", time.Since(begin))
}

// published reads a model as a browser does.
func published(t *testing.T, dir string) weights.Manifest {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	m, err := weights.ParseManifest(text)
	if err != nil {
		t.Fatal(err)
	}
	var file []byte
	for _, shard := range m.Shards {
		b, err := os.ReadFile(filepath.Join(dir, shard.Name))
		if err != nil {
			t.Fatal(err)
		}
		if err := shard.Verify(b); err != nil {
			t.Error(err)
		}
		file = append(file, b...)
	}
	f, err := weights.Parse(file)
	if err != nil {
		t.Fatal(err)
	}
	card, err := weights.CardFrom(f.Metadata)
	if err != nil || card.Model != m.Model {
		t.Errorf("the card of %s says %q, %v", m.Model, card.Model, err)
	}
	return m
}

// TestRunWithoutNPM: an empty cache and no npm leave an empty folder.
func TestRunWithoutNPM(t *testing.T) {
	t.Setenv("RESIDUA_CACHE", t.TempDir())
	t.Setenv("PATH", t.TempDir())
	out := filepath.Join(t.TempDir(), "dist")
	err := run(t.Context(), []string{"-out", out}, t.Output())
	if err == nil || !strings.Contains(err.Error(), "npm is missing") {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(out); !os.IsNotExist(err) {
		t.Errorf("something was written: %v", err)
	}
}

func TestRunStopped(t *testing.T) {
	t.Setenv("RESIDUA_CACHE", t.TempDir())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	out := filepath.Join(t.TempDir(), "dist")
	if err := run(ctx, []string{"-out", out}, t.Output()); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(out); !os.IsNotExist(err) {
		t.Errorf("something was written: %v", err)
	}
}

func TestRunArguments(t *testing.T) {
	var log bytes.Buffer
	if err := run(t.Context(), []string{"-h"}, &log); !errors.Is(err, flag.ErrHelp) ||
		!strings.Contains(log.String(), "-out folder") {
		t.Errorf("-h: %v, %q", err, &log)
	}
	for _, args := range [][]string{{"dist"}, {"-force"}, {"-path", "int8", "-out", "dist"}} {
		if err := run(t.Context(), args, &log); err == nil {
			t.Errorf("%q was taken", args)
		}
	}
}

func TestRunPrintsThePath(t *testing.T) {
	for _, dtype := range []string{"float16", "float32", "int8"} {
		var out bytes.Buffer
		if err := run(t.Context(), []string{"-path", dtype}, &out); err != nil {
			t.Fatal(err)
		}
		path := strings.TrimSuffix(out.String(), "\n")
		if b, err := os.ReadFile(path); err != nil || !strings.Contains(path, dtype) {
			t.Errorf("%s: %q (%v)", dtype, path, err)
		} else if _, err := weights.Parse(b); err != nil {
			t.Error(err)
		}
	}
	if err := run(t.Context(), []string{"-path", "int4"}, &bytes.Buffer{}); err == nil ||
		!strings.Contains(err.Error(), `not as "int4"`) {
		t.Errorf("an unknown type: %v", err)
	}
}
