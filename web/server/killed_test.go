//go:build !js

package main

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// keepFile is the environment variable with the store's file for a second run of this test program, which fills the
// store until it is killed.
const keepFile = "RESIDUA_KEEP_FILE"

func TestMain(m *testing.M) {
	if path := os.Getenv(keepFile); path != "" {
		keepUntilKilled(path)
	}
	os.Exit(m.Run())
}

// keepUntilKilled puts shares from several goroutines, and prints each acknowledged one on a line.
func keepUntilKilled(path string) {
	s, err := openStore(path, 1<<30)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	acknowledged := make(chan string)
	for g := range 8 {
		go func() {
			for i := uint64(0); ; i++ {
				data := make([]byte, 1000+977*(i%41)) // some less than a page of the file, some more
				binary.LittleEndian.PutUint64(data, uint64(os.Getpid()))
				binary.LittleEndian.PutUint64(data[8:], uint64(g)<<32|i)
				sum := sha256.Sum256(data)
				id := hex.EncodeToString(sum[:16])
				if _, err := s.Put(context.Background(), id, data, time.Now().Add(time.Hour)); err != nil {
					fmt.Fprintln(os.Stderr, err)
					os.Exit(1)
				}
				acknowledged <- id
			}
		}()
	}
	for id := range acknowledged {
		fmt.Println(id)
	}
}

// What a store has acknowledged survives kill -9, and the file stays valid. web/test/killed.mjs does the same with a
// whole server, two hundred times.
func TestKilled(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shares.db")
	var acknowledged []string
	for round := range 5 {
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), keepFile+"="+path)
		child.Stderr = os.Stderr
		stdout, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		before, lines := len(acknowledged), bufio.NewReader(stdout)
		for {
			line, err := lines.ReadString('\n') // a line that the end cut off does not count
			if err != nil {
				break
			}
			acknowledged = append(acknowledged, strings.TrimSpace(line))
			if len(acknowledged) == before+30+7*round {
				child.Process.Kill()
			}
		}
		child.Wait() // its error is that it was killed
		if len(acknowledged) < before+30+7*round {
			t.Fatalf("round %d ended by itself", round)
		}
		s, err := openStore(path, 1<<30)
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range acknowledged {
			data, err := s.Get(context.Background(), id)
			if sum := sha256.Sum256(data); err != nil || hex.EncodeToString(sum[:16]) != id {
				t.Errorf("round %d: %s is lost (%v)", round, id, err)
			}
		}
		total(t, s) // also checks the file, as bbolt check does
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
