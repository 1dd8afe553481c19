; The installer for Windows, for one person and without administrator rights.
; NOT TRIED on Windows: compiled with makensis on Linux around a stand-in for the payload (make test does that where
; makensis is installed).
;
;   makensis /DVERSION=0.0.0 /DPAYLOAD=dist\windows /DOUT=dist\harmonium-setup.exe packaging\windows\harmonium.nsi
;
; PAYLOAD holds harmonium.exe, harmonium-window.exe, harmonium-font-probe.exe, libtorch's DLLs, soundfonts\, assets\,
; licences and notices (docs/building-elsewhere.md says how it is laid out).

Unicode true
SetCompressor /SOLID lzma
RequestExecutionLevel user

!include MUI2.nsh
!include FileFunc.nsh

!define KEY "Software\Microsoft\Windows\CurrentVersion\Uninstall\Harmonium"
!define CLASSES "Software\Classes"

Name "Harmonium ${VERSION}"
OutFile "${OUT}"
InstallDir "$LOCALAPPDATA\Programs\Harmonium"
InstallDirRegKey HKCU "Software\Harmonium" "Folder"
BrandingText " "

VIProductVersion "${VERSION}.0"
VIAddVersionKey ProductName "Harmonium"
VIAddVersionKey FileDescription "Installs Harmonium"
VIAddVersionKey FileVersion "${VERSION}"
VIAddVersionKey LegalCopyright "The Harmonium developers, MIT or Apache-2.0"

!define MUI_ICON "..\icons\harmonium.ico"
!define MUI_UNICON "..\icons\harmonium.ico"
!define MUI_FINISHPAGE_RUN "$INSTDIR\program\harmonium-window.exe"
!insertmacro MUI_PAGE_WELCOME
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"

; Explorer keeps icons and types until it is told.
!macro TellExplorer
    System::Call 'shell32::SHChangeNotify(i 0x08000000, i 0, p 0, p 0)'
!macroend

Section "Harmonium"
    ; An update: what an earlier version had and this one has not must not stay. All of the folder is the program's.
    RMDir /r "$INSTDIR\program"
    SetOutPath "$INSTDIR\program"
    File /r "${PAYLOAD}/*"
    SetOutPath "$INSTDIR"
    WriteUninstaller "$INSTDIR\uninstall.exe"
    CreateShortcut "$SMPROGRAMS\Harmonium.lnk" "$INSTDIR\program\harmonium-window.exe"

    WriteRegStr HKCU "Software\Harmonium" "Folder" "$INSTDIR"
    ; Projects are ours and open by a double-click.
    WriteRegStr HKCU "${CLASSES}\.harmonium" "" "Harmonium.Project"
    WriteRegStr HKCU "${CLASSES}\.harmonium" "Content Type" "application/x-harmonium"
    WriteRegStr HKCU "${CLASSES}\Harmonium.Project" "" "Harmonium project"
    WriteRegStr HKCU "${CLASSES}\Harmonium.Project\DefaultIcon" "" "$INSTDIR\program\harmonium.exe,0"
    WriteRegStr HKCU "${CLASSES}\Harmonium.Project\shell\open\command" "" '"$INSTDIR\program\harmonium-window.exe" "%1"'
    ; MIDI files keep their program; Harmonium only stands under "Open with".
    WriteRegStr HKCU "${CLASSES}\Applications\harmonium-window.exe" "FriendlyAppName" "Harmonium"
    WriteRegStr HKCU "${CLASSES}\Applications\harmonium-window.exe\shell\open\command" "" '"$INSTDIR\program\harmonium-window.exe" "%1"'
    WriteRegStr HKCU "${CLASSES}\Applications\harmonium-window.exe\SupportedTypes" ".mid" ""
    WriteRegStr HKCU "${CLASSES}\Applications\harmonium-window.exe\SupportedTypes" ".midi" ""
    WriteRegStr HKCU "${CLASSES}\Applications\harmonium-window.exe\SupportedTypes" ".harmonium" ""

    WriteRegStr HKCU "${KEY}" "DisplayName" "Harmonium"
    WriteRegStr HKCU "${KEY}" "DisplayVersion" "${VERSION}"
    WriteRegStr HKCU "${KEY}" "DisplayIcon" "$INSTDIR\program\harmonium.exe,0"
    WriteRegStr HKCU "${KEY}" "Publisher" "The Harmonium developers"
    WriteRegStr HKCU "${KEY}" "UninstallString" '"$INSTDIR\uninstall.exe"'
    WriteRegDWORD HKCU "${KEY}" "NoModify" 1
    WriteRegDWORD HKCU "${KEY}" "NoRepair" 1
    ${GetSize} "$INSTDIR" "/S=0K" $0 $1 $2
    WriteRegDWORD HKCU "${KEY}" "EstimatedSize" $0
    !insertmacro TellExplorer
SectionEnd

; Settings and autosaves (%APPDATA%\harmonium) and projects are the person's own and stay.
Section "Uninstall"
    Delete "$SMPROGRAMS\Harmonium.lnk"
    RMDir /r "$INSTDIR\program"
    Delete "$INSTDIR\uninstall.exe"
    RMDir "$INSTDIR"
    ReadRegStr $0 HKCU "${CLASSES}\.harmonium" ""
    StrCmp $0 "Harmonium.Project" 0 +2
        DeleteRegKey HKCU "${CLASSES}\.harmonium"
    DeleteRegKey HKCU "${CLASSES}\Harmonium.Project"
    DeleteRegKey HKCU "${CLASSES}\Applications\harmonium-window.exe"
    DeleteRegKey HKCU "${KEY}"
    DeleteRegKey HKCU "Software\Harmonium"
    !insertmacro TellExplorer
SectionEnd
