//go:build !js

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"github.com/seed8935e608/residua/web"
)

// opened is a store in a file of its own, with a clock for the test to set.
func opened(t *testing.T, limit int64) (s *store, path string, clock *time.Time) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "shares.db")
	s, err := openStore(path, limit)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	clock = new(time.Time)
	*clock = time.Unix(1_000_000, 0)
	s.now = func() time.Time { return *clock }
	return s, path, clock
}

func put(t *testing.T, s *store, id string, data []byte, until time.Time) (fresh bool) {
	t.Helper()
	fresh, err := s.Put(context.Background(), id, data, until)
	if err != nil {
		t.Fatal(err)
	}
	return fresh
}

// has reports whether the store holds exactly this.
func has(t *testing.T, s *store, id string, data []byte) bool {
	t.Helper()
	got, err := s.Get(context.Background(), id)
	if err != nil && !errors.Is(err, web.ErrNoShare) {
		t.Fatal(err)
	}
	return err == nil && bytes.Equal(got, data)
}

// total compares the stored sum with that of all shares, and returns it.
func total(t *testing.T, s *store) (sum int64) {
	t.Helper()
	err := s.db.View(func(tx *bbolt.Tx) error {
		var shares, untils, ends int
		err := errors.Join(
			tx.Bucket(bucketShares).ForEach(
				func(_, data []byte) error { shares++; sum += int64(len(data)); return nil }),
			tx.Bucket(bucketUntil).ForEach(func(_, _ []byte) error { untils++; return nil }),
			tx.Bucket(bucketEnds).ForEach(func(_, _ []byte) error { ends++; return nil }),
		)
		if shares != untils || shares != ends || totalBytes(tx) != sum {
			return fmt.Errorf("%d shares, %d times by ID, %d by time; %d bytes are there, %d are counted", shares,
				untils, ends, sum, totalBytes(tx))
		}
		for broken := range tx.Check() {
			err = errors.Join(err, broken)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	return sum
}

// stamp is the number of the last write transaction.
func stamp(s *store) (id int) {
	s.db.View(func(tx *bbolt.Tx) error { id = tx.ID(); return nil })
	return id
}

func TestStore(t *testing.T) {
	s, path, clock := opened(t, 1<<20)
	if has(t, s, "a", nil) {
		t.Error("an empty store has something")
	}
	day := 24 * time.Hour
	a, b := []byte("first"), bytes.Repeat([]byte("b"), 100_000)
	if !put(t, s, "a", a, clock.Add(day)) || !put(t, s, "b", b, clock.Add(2*day)) {
		t.Error("new shares are not fresh")
	}
	if !has(t, s, "a", a) || !has(t, s, "b", b) || total(t, s) != 100_005 {
		t.Error("what was put is not there")
	}

	// Putting a share again on the same day writes nothing.
	before := stamp(s)
	if put(t, s, "a", a, clock.Add(day)) || stamp(s) != before {
		t.Error("a known share is fresh, or was written again")
	}

	// On a later day it gets a new end.
	if put(t, s, "a", a, clock.Add(3*day)) {
		t.Error("a known share is fresh")
	}
	*clock = clock.Add(2 * day) // b expires now
	if !has(t, s, "a", a) || has(t, s, "b", b) {
		t.Error("the wrong share has ended")
	}
	if !put(t, s, "b", b, clock.Add(day)) {
		t.Error("a share that had ended is not fresh")
	}
	*clock = clock.Add(day)
	put(t, s, "c", []byte("c"), clock.Add(day))
	if total(t, s) != 1 {
		t.Error("shares that have ended still take room")
	}

	// All of it is in the file.
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := openStore(path, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	again.now = func() time.Time { return *clock }
	if total(t, again) != 0 { // opened with today's clock, by which all have expired
		t.Error("opening does not drop what has ended")
	}
}

func TestStoreMakesRoom(t *testing.T) {
	s, _, clock := opened(t, 1000)
	data := make([]byte, 300)
	for i, id := range []string{"a", "b", "c", "d"} {
		put(t, s, id, data, clock.Add(time.Duration(i+1)*time.Hour))
	}
	if has(t, s, "a", data) || !has(t, s, "b", data) || !has(t, s, "d", data) || total(t, s) != 900 {
		t.Error("the oldest did not make room")
	}
	put(t, s, "b", data, clock.Add(5*time.Hour)) // putting it again needs no more room
	put(t, s, "e", make([]byte, 401), clock.Add(6*time.Hour))
	if has(t, s, "c", data) || has(t, s, "d", data) || !has(t, s, "b", data) || total(t, s) != 701 {
		t.Error("the one that was put again made room, or too many did")
	}
	if _, err := s.Put(context.Background(), "f", make([]byte, 1001), clock.Add(time.Hour)); err == nil ||
		total(t, s) != 701 {
		t.Errorf("a share larger than the store: %v", err)
	}
}

func TestStoreAtOnce(t *testing.T) {
	s, _, clock := opened(t, 20_000)
	var wait sync.WaitGroup
	for i := range 50 {
		wait.Go(func() {
			id := fmt.Sprint(i % 25)
			if _, err := s.Put(context.Background(), id, []byte(strings.Repeat(id, 400)),
				clock.Add(time.Hour)); err != nil {
				t.Error(err)
			}
			s.Get(context.Background(), id)
		})
	}
	wait.Wait()
	if sum := total(t, s); sum > 20_000 || sum < 15_000 {
		t.Errorf("%d bytes are kept", sum)
	}
}

func TestOpenShares(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "folder", "shares.db")
	first, where, err := openShares(path, true, 1<<20)
	if err != nil || where != "Shares are kept in "+path {
		t.Fatalf("%q, %v", where, err)
	}
	defer first.Close()
	if _, _, err := openShares(path, false, 1<<20); !errors.Is(err, errInUse) {
		t.Errorf("the chosen file is in use, and the error is %v", err)
	}
	second, where, err := openShares(path, true, 1<<20)
	if err != nil || !strings.Contains(where, "until this server ends: ") ||
		!strings.Contains(where, "another server is using it") {
		t.Fatalf("%q, %v", where, err)
	}
	put(t, second.store, "a", []byte("data"), time.Now().Add(time.Hour))
	if err := second.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(second.folder); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the temporary folder: %v", err)
	}
}

// A file that is not a store is left alone.
func TestOpenForeignFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "notes.txt")
	content := []byte(strings.Repeat("notes of a person\n", 1000))
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := openStore(path, 1<<20); err == nil {
		t.Error("opened")
	}
	if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, content) {
		t.Errorf("the file was changed (%v)", err)
	}
}

func TestStateFile(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", "/state")
	if got := stateFile(); got != filepath.FromSlash("/state/residua/shares.db") {
		t.Error(got)
	}
}
