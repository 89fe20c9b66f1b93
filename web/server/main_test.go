//go:build !js

package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// built makes a folder that looks like a built site.
func built(t *testing.T) string {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "index.html"), []byte("<!doctype html>"), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestServe(t *testing.T) {
	for _, addr := range []string{"127.0.0.1:0", ":0"} {
		t.Run(addr, func(t *testing.T) {
			ctx, stop := context.WithCancel(context.Background())
			defer stop()
			output, stdout := io.Pipe()
			ended := make(chan error, 1)
			go func() {
				ended <- run(ctx, []string{"-addr", addr, "-dir", built(t), "-shares", ""}, stdout, io.Discard)
				stdout.Close()
			}()
			lines := bufio.NewScanner(output)
			if !lines.Scan() {
				t.Fatalf("no line: %v", <-ended)
			}
			match := regexp.MustCompile(`^Residua is at (http://127\.0\.0\.1:\d+/)$`).FindStringSubmatch(lines.Text())
			if match == nil {
				t.Fatalf("unexpected line %q", lines.Text())
			}
			if !lines.Scan() || lines.Text() != "Shares are kept until this server ends" {
				t.Errorf("unexpected second line %q", lines.Text())
			}
			answer, err := http.Get(match[1])
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(answer.Body)
			answer.Body.Close()
			if err != nil || answer.StatusCode != 200 || string(body) != "<!doctype html>" {
				t.Errorf("got %d %q, %v", answer.StatusCode, body, err)
			}
			if answer.Header.Get("Cross-Origin-Opener-Policy") != "same-origin" {
				t.Error("the safety headers are missing")
			}

			stop()
			select {
			case err := <-ended:
				if err != nil {
					t.Errorf("ended with %v", err)
				}
			case <-time.After(8 * time.Second):
				t.Fatal("does not end")
			}
			if lines.Scan() {
				t.Errorf("a third line %q", lines.Text())
			}
			if _, err := http.Get(match[1]); err == nil {
				t.Error("answers after its end")
			}
		})
	}
}

func TestErrors(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	dir := built(t)
	page := filepath.Join(dir, "index.html")
	secure := slices.Clip([]string{"-tls", "-dir", dir, "-shares", "", "-addr", "127.0.0.1:0"}) // so that append copies
	for _, c := range []struct {
		name string
		args []string
		want string // part of the message
	}{
		{"no folder", []string{"-dir", filepath.Join(dir, "missing")}, "run ./build.sh first"},
		{"a folder without a page", []string{"-dir", t.TempDir()}, "run ./build.sh first"},
		{"a port that is taken", []string{"-dir", dir, "-addr", taken.Addr().String(), "-shares", ""},
			"choose another port"},
		{"no address", []string{"-dir", dir, "-addr", "here", "-shares", ""}, `cannot listen on "here"`},
		{"shares in a folder", []string{"-dir", dir, "-shares", dir}, "cannot be opened"},
		{"shares below a file", []string{"-dir", dir, "-shares", filepath.Join(page, "shares.db")}, "not a directory"},
		{"no room", []string{"-dir", dir, "-shares-size", "1"}, "-shares-size must be"},
		{"no uploads", []string{"-dir", dir, "-uploads", "0"}, "-uploads at least 1"},
		{"a certificate without its key", []string{"-dir", dir, "-tls", "-cert", "c.pem"},
			"-cert and -key belong together"},
		{"a key without its certificate", []string{"-dir", dir, "-tls", "-key", "k.pem"},
			"-cert and -key belong together"},
		{"a certificate for http", []string{"-dir", dir, "-cert", "c.pem", "-key", "k.pem"}, "need -tls"},
		{"no such certificate", append(secure, "-cert", "c.pem", "-key", "k.pem"),
			"-cert c.pem and -key k.pem cannot be used: open c.pem"},
		{"a certificate that is none", append(secure, "-cert", page, "-key", page),
			"cannot be used: tls: failed to find"},
		{"an argument too many", []string{"-dir", dir, "0.0.0.0:80"}, `nothing is known to do with ["0.0.0.0:80"]`},
		{"an unknown flag", []string{"-port", "80"}, "flag provided but not defined"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var stdout strings.Builder
			// If the server starts against expectation, it ends with the test.
			ctx, stop := context.WithTimeout(context.Background(), 5*time.Second)
			defer stop()
			err := run(ctx, c.args, &stdout, io.Discard)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
			if stdout.Len() > 0 {
				t.Errorf("said %q", stdout.String())
			}
		})
	}
	if err := run(context.Background(), []string{"-help"}, io.Discard, io.Discard); !errors.Is(err, flag.ErrHelp) {
		t.Errorf("-help gives %v", err)
	}
}

// A running answer is not cut when the server is told to stop.
func TestShutdownLetsAnswersFinish(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	begun := make(chan struct{})
	slow := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(begun)
		<-ctx.Done()
		time.Sleep(50 * time.Millisecond)
		io.WriteString(w, "to the end")
	})
	ended := make(chan error, 1)
	go func() { ended <- serve(ctx, newServer(slow), listener) }()
	got := make(chan string, 1)
	go func() {
		answer, err := http.Get("http://" + listener.Addr().String())
		if err != nil {
			got <- err.Error()
			return
		}
		defer answer.Body.Close()
		body, _ := io.ReadAll(answer.Body)
		got <- string(body)
	}()
	<-begun
	stop()
	if body := <-got; body != "to the end" {
		t.Errorf("got %q", body)
	}
	if err := <-ended; err != nil {
		t.Errorf("ended with %v", err)
	}
}
